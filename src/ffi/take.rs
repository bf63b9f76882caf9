//! Taking what the caller passes: strings in, outputs emptied.

use std::ffi::{CStr, c_char};

use crate::error::{Error, Result, Status};

/// A string that may be NULL.
///
/// # Safety
/// `pointer` is NULL or NUL-terminated, and stays as it is for `'a`.
pub(super) unsafe fn optional_text<'a>(name: &str, pointer: *const c_char) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, so NUL-terminated by the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(Some).map_err(|cause| {
        // Not shown: it may be a secret in another encoding.
        let place = cause.valid_up_to();
        Error::new(Status::InvalidUtf8, format!("{name} is not UTF-8 from byte {place} on"))
            .with_help("Convert the text to UTF-8 before it is passed.")
    })
}

/// A copy of a string; `None` for NULL and for an empty one, which options take for the same.
///
/// # Safety
/// `pointer` is NULL or NUL-terminated.
pub(super) unsafe fn owned_text(name: &str, pointer: *const c_char) -> Result<Option<String>> {
    // SAFETY: the caller's promise.
    let text = unsafe { optional_text(name, pointer) }?;
    Ok(text.filter(|text| !text.is_empty()).map(str::to_owned))
}

/// A string that must not be NULL.
///
/// # Safety
/// As [`optional_text`].
pub(super) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let text = unsafe { optional_text(name, pointer) }?;
    text.ok_or_else(|| Error::new(Status::InvalidArgument, format!("{name} is NULL")))
}

/// A place for a result, emptied.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Puts `empty` there first, so that this is what the caller finds whatever fails later.
    ///
    /// # Safety
    /// `place` is NULL or writable until the call returns.
    pub(super) unsafe fn required(name: &str, place: *mut T, empty: T) -> Result<Self> {
        if place.is_null() {
            return Err(Error::new(Status::InvalidArgument, format!("{name} is NULL")));
        }
        // SAFETY: not NULL, so writable by the caller's promise.
        unsafe { place.write(empty) };
        Ok(Self(place))
    }

    /// The same where the caller may not want the result.
    ///
    /// # Safety
    /// As [`Out::required`].
    pub(super) unsafe fn optional(place: *mut T, empty: T) -> Self {
        if !place.is_null() {
            // SAFETY: not NULL, so writable by the caller's promise.
            unsafe { place.write(empty) };
        }
        Self(place)
    }

    /// Hands the result over.
    pub(super) fn give(&self, value: T) {
        if !self.0.is_null() {
            // SAFETY: checked by the constructors; writable until the call returns.
            unsafe { self.0.write(value) };
        }
    }
}
