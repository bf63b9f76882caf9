//! May this caller list jobs? The Authorization header, the token in it, and the role behind it.
//!
//! Entra's failures are 401, a mode the account does not allow and a missing role are 403, a header
//! that cannot be read is 400. There is no allowance for clocks that differ: a token is good from
//! its `nbf` to its `exp`, to the second. SharedKey signatures are checked in `shared_key`.

use hyper::header::AUTHORIZATION;

use crate::{
    batch::{error::BatchError, shared_key},
    fixtures::{Account, CONTOSO},
    message::Received,
    token::{Claims, Unreadable},
    world::World,
};

/// Lets the caller in, or says why not.
pub(crate) fn authorize(world: &World, account: Account, request: &Received) -> Result<(), BatchError> {
    let (scheme, credential) = authorization(request)?;
    let not_allowed = |mode: &str| {
        BatchError::forbidden(format!(
            "The specified type of authentication {mode} is not allowed for this account."
        ))
    };
    if scheme.eq_ignore_ascii_case("SharedKey") {
        if !account.shared_key {
            return Err(not_allowed("SharedKey"));
        }
        return shared_key::check(world, account.name, request, credential);
    }
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(BatchError::malformed_authorization());
    }
    if account.shared_key {
        return Err(not_allowed("AAD"));
    }
    let claims = world.verifier.claims(&world.keys, credential).map_err(|unreadable| {
        BatchError::unauthenticated(match unreadable {
            Unreadable::Malformed => "The specified access token is malformed.",
            Unreadable::BadSignature => "The access token has an invalid signature.",
        })
    })?;
    check_claims(world, &claims, request.host())?;
    if !world.positions().is_reader(account.name, &claims.oid) {
        return Err(BatchError::no_role(&claims.oid, account.name));
    }
    Ok(())
}

/// Scheme and credential of the one Authorization header.
pub(crate) fn authorization(request: &Received) -> Result<(&str, &str), BatchError> {
    let mut headers = request.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        return Err(BatchError::unauthenticated("The Authorization header is missing."));
    };
    if headers.next().is_some() {
        return Err(BatchError::malformed_authorization());
    }
    header
        .to_str()
        .ok()
        .and_then(|header| header.split_once(' '))
        .filter(|(_, credential)| !credential.is_empty() && !credential.contains(' '))
        .ok_or_else(BatchError::malformed_authorization)
}

fn check_claims(world: &World, claims: &Claims, host: &str) -> Result<(), BatchError> {
    let audience = audience(host);
    let is_slashless = audience.strip_suffix('/') == Some(claims.aud.as_str());
    if claims.aud != audience && !(is_slashless && world.positions().slashless_audience) {
        return Err(BatchError::unauthenticated(format!(
            "The access token has been obtained from wrong audience or resource '{}'. It should \
             exactly match (including forward slash) with one of the allowed audiences \
             '{audience}'",
            claims.aud
        )));
    }
    let issuer = format!("https://sts.windows.net/{}/", CONTOSO.id);
    if claims.iss != issuer || claims.tid != CONTOSO.id {
        return Err(BatchError::unauthenticated(format!(
            "The access token is from the wrong issuer '{}'. It must match the tenant '{issuer}' \
             associated with this subscription.",
            claims.iss
        )));
    }
    let now_s = world.clock.now_s();
    if now_s >= claims.exp {
        return Err(BatchError::unauthenticated(format!(
            "The access token has expired: it was valid until {}, and now it is {now_s} (seconds \
             since 1970, UTC).",
            claims.exp
        )));
    }
    if now_s < claims.nbf {
        return Err(BatchError::unauthenticated(format!(
            "The access token is not valid yet: it is valid from {}, and now it is {now_s} \
             (seconds since 1970, UTC).",
            claims.nbf
        )));
    }
    Ok(())
}

/// The audience of the cloud that the account's host belongs to; the public one for localhost.
fn audience(host: &str) -> &'static str {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    if name.ends_with(".batch.usgovcloudapi.net") {
        "https://batch.core.usgovcloudapi.net/"
    } else if name.ends_with(".batch.chinacloudapi.cn") {
        "https://batch.chinacloudapi.cn/"
    } else {
        "https://batch.core.windows.net/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audience_follows_the_host() {
        let gov = "contoso.usgovvirginia.batch.usgovcloudapi.net";
        let china = "contoso.chinaeast2.batch.chinacloudapi.cn:443";
        assert_eq!(audience(gov), "https://batch.core.usgovcloudapi.net/");
        assert_eq!(audience(china), "https://batch.chinacloudapi.cn/");
        assert_eq!(audience("localhost:4443"), "https://batch.core.windows.net/");
    }
}
