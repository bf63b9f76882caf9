//! SharedKey: an HMAC over the request, for the one account that allows it.
//!
//! Learn: "Authenticate requests to the Azure Batch service", authentication by shared key. Our
//! library never sends it; it is here so that an account without Entra is what it says it is.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;

use crate::{batch::error::BatchError, fixtures::SHARED_KEY, message::Received, world::World};

/// Standard headers in the order in which they are signed.
const SIGNED: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

const MAX_SKEW_S: u64 = 15 * 60;

/// Checks `credential` (`account:signature`) against the request.
pub(super) fn check(
    world: &World,
    account: &str,
    request: &Received,
    credential: &str,
) -> Result<(), BatchError> {
    let (name, signature) = credential.split_once(':').ok_or_else(BatchError::malformed_authorization)?;
    let ocp_date = request.header("ocp-date");
    let date = if ocp_date.is_empty() { request.header("date") } else { ocp_date };
    let sent = httpdate::parse_http_date(date).ok().and_then(|date| {
        let since_1970 = date.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since_1970.as_secs()).ok()
    });
    if sent.is_none_or(|sent| world.clock.now_s().abs_diff(sent) > MAX_SKEW_S) {
        return Err(BatchError::forbidden(
            "The date in the request is missing, malformed, or more than 15 minutes away.",
        ));
    }
    // A key that is no base64 would be our own mistake, and then no signature fits.
    let key = STANDARD.decode(SHARED_KEY).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signature = STANDARD.decode(signature).map_err(|_| BatchError::malformed_authorization())?;
    let to_sign = string_to_sign(account, request);
    if name != account || hmac::verify(&key, to_sign.as_bytes(), &signature).is_err() {
        return Err(BatchError::forbidden(format!(
            "The MAC signature found in the HTTP request is not the same as any computed \
             signature. Server used following string to sign: '{to_sign}'."
        )));
    }
    Ok(())
}

fn string_to_sign(account: &str, request: &Received) -> String {
    let mut text = format!("{}\n", request.method);
    for name in SIGNED {
        let value = request.header(name);
        let is_left_out = match name {
            "content-length" => value == "0" || request.method == hyper::Method::GET,
            "date" => !request.header("ocp-date").is_empty(),
            _ => false,
        };
        text.push_str(if is_left_out { "" } else { value });
        text.push('\n');
    }
    let mut ocp: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("ocp-"))
        .map(|(name, value)| format!("{name}:{}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    ocp.sort();
    text.push_str(&ocp.concat());
    text.push_str(&format!("/{account}{}", request.path));
    let mut parameters: Vec<_> = request
        .query_pairs()
        .map(|(name, value)| format!("\n{}:{value}", name.to_ascii_lowercase()))
        .collect();
    parameters.sort();
    text.push_str(&parameters.concat());
    text
}

/// The Authorization header that signs `request` for `account`.
#[cfg(test)]
fn sign(account: &str, request: &Received) -> String {
    let key = STANDARD.decode(SHARED_KEY).expect("the fixture is base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, string_to_sign(account, request).as_bytes());
    format!("{account}:{}", STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn request(world: &World, late_s: i64) -> Received {
        world.clock.set_offset(-late_s);
        let date = world.clock.http_date();
        world.clock.set_offset(0);
        let mut headers = hyper::HeaderMap::new();
        headers.insert("ocp-date", date.parse().expect("a date is a header value"));
        Received {
            method: hyper::Method::GET,
            path: "/jobs".to_owned(),
            query: "api-version=2025-06-01&maxresults=5".to_owned(),
            headers,
            body: bytes::Bytes::new(),
        }
    }

    #[test]
    fn only_a_fresh_request_signed_with_the_key_passes() {
        let world = World::new(Config::default()).expect("a world");
        let fresh = request(&world, 60);
        let signature = sign("sharedkey", &fresh);
        assert_eq!(check(&world, "sharedkey", &fresh, &signature), Ok(()));

        let other = Received { query: "api-version=2025-06-01".to_owned(), ..fresh };
        assert!(check(&world, "sharedkey", &other, &signature).is_err(), "another request");

        let old = request(&world, 16 * 60);
        let signature = sign("sharedkey", &old);
        assert!(check(&world, "sharedkey", &old, &signature).is_err(), "16 minutes late");
    }
}
