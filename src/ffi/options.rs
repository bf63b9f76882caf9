//! `batch_auth_options_t`: how to sign in, beyond the credential itself.

use std::ffi::c_char;
use std::ptr;
use std::time::Duration;

use super::guard::guard_value;
use super::sized::{self, sized_options};
use super::take::owned_text;
use crate::auth::AuthOptions;
use crate::error::{Error, Result, Status};
use crate::token::Cloud;

/// The cloud is that of the authority, else that of the account's host, else the public one.
pub const BATCH_CLOUD_AUTO: i32 = 0;
/// Azure.
pub const BATCH_CLOUD_PUBLIC: i32 = 1;
/// Azure US Government.
pub const BATCH_CLOUD_US_GOVERNMENT: i32 = 2;
/// Azure China, operated by 21Vianet.
pub const BATCH_CLOUD_CHINA: i32 = 3;

/// Sends the certificate chain (`x5c`) for trust by subject name and issuer. Concerns certificates;
/// other credentials take no notice.
pub const BATCH_AUTH_SEND_CERTIFICATE_CHAIN: u32 = 1;
/// `BATCH_E_INTERACTION_REQUIRED` instead of a prompt. Concerns sign-in by a person; other
/// credentials take no notice.
pub const BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT: u32 = 2;
/// A persistent cache may be unencrypted where no keyring is to be had. Takes effect with
/// `cache_name` only.
pub const BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED: u32 = 4;

const KNOWN_FLAGS: u32 = BATCH_AUTH_SEND_CERTIFICATE_CHAIN
    | BATCH_AUTH_DISABLE_AUTOMATIC_PROMPT
    | BATCH_AUTH_UNENCRYPTED_CACHE_ALLOWED;

/// How to sign in. Filled by `batch_auth_options_init`, then changed where wanted. The strings are
/// NUL-terminated UTF-8, borrowed until the call that takes the options returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct batch_auth_options {
    /// Set by `batch_auth_options_init`.
    pub struct_size: u32,
    /// `BATCH_AUTH_*`.
    pub flags: u32,
    /// `BATCH_CLOUD_*`.
    pub cloud: i32,
    /// One acquisition in all, over every retry, in milliseconds; default 100000, also for 0.
    pub timeout_ms: u32,
    /// Repetitions of one request after 408, 429, 500, 502, 503, 504 or a broken connection;
    /// default 3.
    pub max_retries: u32,
    /// How long before its expiry a token is renewed where Entra does not say, in seconds; default
    /// 300.
    pub refresh_margin_s: u32,
    /// The https host to sign in at, perhaps with a path; NULL: that of `cloud`, else the
    /// environment's `AZURE_AUTHORITY_HOST`, else that of the account's cloud.
    pub authority_host: *const c_char,
    /// What tokens are for; NULL: the cloud's Batch scope, `https://batch.core.windows.net//.default`
    /// in the public one.
    pub scope: *const c_char,
    /// Tenants that a call may name beside the credential's own: ids joined by `;`, or `*`.
    pub additionally_allowed_tenants: *const c_char,
    /// A PEM file of certificate authorities that takes the place of the system's trust store.
    pub ca_bundle_path: *const c_char,
    /// `http://[user:password@]host:port`; NULL: the environment's `HTTPS_PROXY` or `ALL_PROXY`,
    /// less `NO_PROXY`. Loopback and link-local hosts are always reached directly.
    pub proxy_url: *const c_char,
    /// Added to the user agent: printable ASCII.
    pub user_agent_suffix: *const c_char,
    /// A persistent cache of this name. Not in this version: anything but NULL is answered with
    /// `BATCH_E_UNSUPPORTED`.
    pub cache_name: *const c_char,
}

/// A `struct batch_auth_options`.
pub type batch_auth_options_t = batch_auth_options;

sized_options!(
    batch_auth_options, "auth_options",
    [
        struct_size: u32, flags: u32, cloud: i32, timeout_ms: u32, max_retries: u32, refresh_margin_s: u32,
        authority_host: *const c_char, scope: *const c_char, additionally_allowed_tenants: *const c_char,
        ca_bundle_path: *const c_char, proxy_url: *const c_char, user_agent_suffix: *const c_char,
        cache_name: *const c_char,
    ],
    Self {
        struct_size: 0,
        flags: 0,
        cloud: BATCH_CLOUD_AUTO,
        timeout_ms: 100_000,
        max_retries: 3,
        refresh_margin_s: 300,
        authority_host: ptr::null(),
        scope: ptr::null(),
        additionally_allowed_tenants: ptr::null(),
        ca_bundle_path: ptr::null(),
        proxy_url: ptr::null(),
        user_agent_suffix: ptr::null(),
        cache_name: ptr::null(),
    }
);

/// Fills options with their defaults: pass `sizeof` of the struct as it was compiled.
///
/// - `options`: written for `struct_size` bytes; NULL is ignored.
/// - `struct_size`: in bytes; less than 4 is ignored.
///
/// Any thread. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or writable for `struct_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn batch_auth_options_init(options: *mut batch_auth_options_t, struct_size: u32) {
    guard_value((), || {
        // SAFETY: NULL or writable for `struct_size` bytes by contract.
        unsafe { sized::init(options, struct_size) };
    });
}

/// The options of the crate; NULL reads as the defaults.
///
/// # Safety
/// `options` is NULL or readable as [`sized::read`] says, its strings NULL or NUL-terminated.
pub(super) unsafe fn read(options: *const batch_auth_options_t) -> Result<AuthOptions> {
    // SAFETY: the caller's promise.
    let given = unsafe { sized::read(options) }?;
    if given.flags & !KNOWN_FLAGS != 0 {
        let unknown = given.flags & !KNOWN_FLAGS;
        return Err(Error::new(
            Status::Unsupported,
            format!("flags has bits that this library does not know: {unknown:#x}"),
        ));
    }
    let text = |name: &str, pointer: *const c_char| {
        // SAFETY: the caller's promise about the strings.
        unsafe { owned_text(name, pointer) }
    };
    if text("cache_name", given.cache_name)?.is_some() {
        return Err(Error::new(
            Status::Unsupported,
            "cache_name asks for a persistent cache, which this version does not have",
        )
        .with_help("Leave cache_name NULL: tokens are then kept in memory."));
    }
    let timeout_ms = if given.timeout_ms == 0 { 100_000 } else { given.timeout_ms };
    Ok(AuthOptions {
        cloud: cloud(given.cloud)?,
        timeout: Duration::from_millis(u64::from(timeout_ms)),
        max_retries: given.max_retries,
        refresh_margin_s: given.refresh_margin_s,
        authority_host: text("authority_host", given.authority_host)?,
        scope: text("scope", given.scope)?,
        additionally_allowed_tenants: text(
            "additionally_allowed_tenants",
            given.additionally_allowed_tenants,
        )?,
        ca_bundle_path: text("ca_bundle_path", given.ca_bundle_path)?,
        proxy_url: text("proxy_url", given.proxy_url)?,
        user_agent_suffix: text("user_agent_suffix", given.user_agent_suffix)?,
        ..AuthOptions::default()
    })
}

fn cloud(number: i32) -> Result<Option<Cloud>> {
    Ok(match number {
        BATCH_CLOUD_AUTO => None,
        BATCH_CLOUD_PUBLIC => Some(Cloud::Public),
        BATCH_CLOUD_US_GOVERNMENT => Some(Cloud::UsGovernment),
        BATCH_CLOUD_CHINA => Some(Cloud::China),
        other => return Err(Error::invalid("cloud", "must be one of BATCH_CLOUD_*", &other.to_string())),
    })
}
