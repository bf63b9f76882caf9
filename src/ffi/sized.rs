//! Option structs that grow: `struct_size` says how much of one a caller knows.
//!
//! A smaller struct is an older caller's: what it lacks has its defaults. A larger one is a newer
//! caller's: it is accepted while the bytes this library does not know are zero.

use crate::error::{Error, Result, Status};

/// An option struct.
///
/// # Safety
/// The type is `repr(C)`, begins with `struct_size: u32`, holds integers and raw pointers only
/// (so that any bytes are a value), and `ENDS` has the offset just after each field, ascending.
pub(super) unsafe trait SizedOptions: Copy {
    /// Its name in errors.
    const NAME: &'static str;
    /// Where each field ends.
    const ENDS: &'static [usize];

    /// All fields at their defaults.
    fn defaults() -> Self;
}

/// More bytes than this beyond the known ones are no newer version but an uninitialised struct.
const MOST_UNKNOWN: usize = 4096;

/// Reads the caller's struct as far as it goes; NULL reads as the defaults.
///
/// # Safety
/// `pointer` is NULL, or readable for the `struct_size` bytes that it names, and for four at least.
pub(super) unsafe fn read<T: SizedOptions>(pointer: *const T) -> Result<T> {
    let mut options = T::defaults();
    if pointer.is_null() {
        return Ok(options);
    }
    // SAFETY: every option struct begins with this field, and four bytes are readable.
    let size = unsafe { pointer.cast::<u32>().read_unaligned() };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let known = size_of::<T>();
    if size < size_of::<u32>() {
        return Err(unset::<T>(Status::InvalidArgument, size, "is smaller than the field itself"));
    }
    if size > known + MOST_UNKNOWN {
        return Err(unset::<T>(Status::Unsupported, size, "is larger than any version of the struct"));
    }
    let whole_fields = T::ENDS.iter().copied().filter(|end| *end <= size).max().unwrap_or(0);
    // SAFETY: `whole_fields` is at most `size`, which is readable, and at most the size of T, which
    // `options` is; any bytes make whole fields of such a T.
    unsafe {
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut options).cast::<u8>(), whole_fields);
    }
    if size > known {
        // SAFETY: `known` is less than `size`, the number of readable bytes.
        let start = unsafe { pointer.cast::<u8>().add(known) };
        // SAFETY: the bytes from `start` up to `size` are readable.
        let unknown = unsafe { std::slice::from_raw_parts(start, size - known) };
        if unknown.iter().any(|byte| *byte != 0) {
            return Err(Error::new(
                Status::Unsupported,
                format!("{} has fields that this library does not know", T::NAME),
            )
            .with_help("Leave newer fields zero, or use a newer library."));
        }
    }
    Ok(options)
}

/// Writes the defaults into the caller's struct, as far as it goes, and zeros beyond.
///
/// # Safety
/// `pointer` is NULL or writable for `struct_size` bytes.
pub(super) unsafe fn init<T: SizedOptions>(pointer: *mut T, struct_size: u32) {
    let size = usize::try_from(struct_size).unwrap_or(usize::MAX);
    if pointer.is_null() || size < size_of::<u32>() {
        return;
    }
    // SAFETY: writable for `size` bytes by the caller's promise.
    unsafe { pointer.cast::<u8>().write_bytes(0, size) };
    let defaults = T::defaults();
    let whole_fields = T::ENDS.iter().copied().filter(|end| *end <= size).max().unwrap_or(0);
    // SAFETY: `whole_fields` is at most `size`, writable, and at most the size of `defaults`.
    unsafe {
        std::ptr::copy_nonoverlapping((&raw const defaults).cast::<u8>(), pointer.cast::<u8>(), whole_fields);
    }
    // SAFETY: the struct begins with this field, and four bytes at least are writable.
    unsafe { pointer.cast::<u32>().write_unaligned(struct_size) };
}

fn unset<T: SizedOptions>(status: Status, size: usize, why: &str) -> Error {
    let name = T::NAME;
    Error::new(status, format!("{name}->struct_size is {size}, which {why}")).with_help(format!(
        "Fill the struct with batch_{name}_init(&{name}, sizeof {name}) before setting its fields."
    ))
}

/// Implements [`SizedOptions`] for a struct, given its fields in order.
macro_rules! sized_options {
    ($type:ty, $name:literal, [$($field:ident: $of:ty),* $(,)?], $defaults:expr) => {
        // SAFETY: repr(C) with struct_size first, integers and raw pointers only; the list of
        // fields is checked by the test of the header's layout.
        unsafe impl $crate::ffi::sized::SizedOptions for $type {
            const NAME: &'static str = $name;
            const ENDS: &'static [usize] =
                &[$(std::mem::offset_of!($type, $field) + size_of::<$of>()),*];

            fn defaults() -> Self {
                $defaults
            }
        }
    };
}
pub(super) use sized_options;
