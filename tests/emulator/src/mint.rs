//! Tokens that a test asks for, good or bad: assertions of trusted issuers, and tokens of users.
//!
//! What Entra gives out by itself is `entra`'s business, how a token is signed is `token`'s.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    fixtures::{ALICE, CONTOSO, KUBERNETES, MIDDLE_TIER, READER},
    token::{Delegated, MintOptions, sign, with_bad_signature},
    world::World,
};

/// A token of another issuer, as a federated credential takes it: a good one of the Kubernetes
/// service account by default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssertionOptions {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audience: String,
    /// `nbf` and `iat`, in seconds from the emulator's present.
    pub not_before_s: i64,
    /// `exp`, in seconds from the emulator's present; negative for an expired token.
    pub expires_in_s: i64,
    /// Whether the signature shall be wrong.
    pub bad_signature: bool,
}

impl Default for AssertionOptions {
    fn default() -> Self {
        Self {
            issuer: KUBERNETES.issuer.to_owned(),
            subject: KUBERNETES.subject.to_owned(),
            audience: KUBERNETES.audience.to_owned(),
            not_before_s: 0,
            expires_in_s: 3600,
            bad_signature: false,
        }
    }
}

/// A user's token for a service, which can present it to act on behalf of the user: a good one of
/// `alice` for `middle_tier` by default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserTokenOptions {
    /// `oid`.
    pub object_id: String,
    /// `upn`.
    pub upn: String,
    /// `aud`: the service's client id.
    pub audience: String,
    /// `tid`, and the tenant in `iss`.
    pub tenant: String,
    /// `nbf` and `iat`, in seconds from the emulator's present.
    pub not_before_s: i64,
    /// `exp`, in seconds from the emulator's present; negative for an expired token.
    pub expires_in_s: i64,
    /// Whether the user signed in with a second factor.
    pub mfa: bool,
    /// Whether the signature shall be wrong.
    pub bad_signature: bool,
}

impl Default for UserTokenOptions {
    fn default() -> Self {
        Self {
            object_id: ALICE.object_id.to_owned(),
            upn: ALICE.upn.to_owned(),
            audience: MIDDLE_TIER.client_id.to_owned(),
            tenant: CONTOSO.id.to_owned(),
            not_before_s: -300,
            expires_in_s: 3600,
            mfa: false,
            bad_signature: false,
        }
    }
}

/// Signs a token of another issuer.
pub(crate) fn assertion(world: &World, options: &AssertionOptions) -> Result<String, String> {
    let now_s = world.clock.now_s();
    let claims = json!({
        "iss": options.issuer,
        "sub": options.subject,
        // A list, as Kubernetes writes it.
        "aud": [options.audience],
        "iat": now_s.saturating_add(options.not_before_s),
        "nbf": now_s.saturating_add(options.not_before_s),
        "exp": now_s.saturating_add(options.expires_in_s),
        "jti": Uuid::new_v4().to_string(),
    });
    let token = sign(&world.keys, &claims)?;
    Ok(if options.bad_signature { with_bad_signature(&token) } else { token })
}

/// Signs a user's token for a service.
pub(crate) fn user_token(world: &World, options: &UserTokenOptions) -> Result<String, String> {
    let methods = if options.mfa { &["pwd", "mfa"][..] } else { &["pwd"] };
    world.mint(&MintOptions {
        audience: options.audience.clone(),
        tenant: options.tenant.clone(),
        // The front end that the user signed in to.
        client_id: READER.client_id.to_owned(),
        object_id: options.object_id.clone(),
        not_before_s: options.not_before_s,
        expires_in_s: options.expires_in_s,
        delegated: Some(Delegated {
            upn: options.upn.clone(),
            scope: "access_as_user".to_owned(),
            methods: methods.iter().map(ToString::to_string).collect(),
        }),
        bad_signature: options.bad_signature,
        ..MintOptions::default()
    })
}
