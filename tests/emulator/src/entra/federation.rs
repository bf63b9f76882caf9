//! Assertions that somebody else signs: workload identity federation.
//!
//! Learn: "Workload identity federation", and "federated identity credentials" with their
//! case-sensitive comparison. Checks come in this order: issuer, subject, audience, signature, time.
//! Every issuer signs with the emulator's own key, so that a test can have any token it likes. The
//! same token is good again and again, as a pod uses its file for hours.

use jsonwebtoken::Algorithm;

use crate::{
    entra::{
        Refusal,
        certificate_assertion::is_signed,
        client::{Assertion, Audience},
    },
    fixtures::{App, FederatedCredential},
    world::World,
};

/// Lets the application in, or says why not.
pub(super) fn check(world: &World, app: &App, assertion: &Assertion<'_>) -> Result<(), Refusal> {
    if assertion.header.alg != "RS256" {
        return Err(Refusal::assertion_algorithm(&assertion.header.alg, "RS256"));
    }
    let claims = &assertion.claims;
    let audience = match &claims.aud {
        Audience::One(audience) => audience,
        Audience::Many(audiences) => match audiences.as_slice() {
            [audience] => audience,
            _ => return Err(Refusal::malformed_assertion()),
        },
    };
    check_record(app.federated, &claims.iss, &claims.sub, audience)?;
    if !is_signed(assertion.text, Algorithm::RS256, &world.keys.verifying) {
        let key_id = assertion.header.kid.as_deref().unwrap_or_default();
        return Err(Refusal::wrong_federated_signature(key_id));
    }
    assertion.check_times(world)
}

/// Whether one of the app's records fits, byte for byte.
fn check_record(
    records: &[FederatedCredential],
    issuer: &str,
    subject: &str,
    audience: &str,
) -> Result<(), Refusal> {
    if records.is_empty() {
        return Err(Refusal::no_federated_credential(issuer, subject, audience));
    }
    let by_issuer: Vec<_> = records.iter().filter(|record| record.issuer == issuer).collect();
    if by_issuer.is_empty() {
        return Err(Refusal::federated_issuer(issuer));
    }
    let by_subject: Vec<_> = by_issuer.iter().filter(|record| record.subject == subject).collect();
    if by_subject.is_empty() {
        let is_case = by_issuer.iter().any(|record| record.subject.eq_ignore_ascii_case(subject));
        return Err(if is_case {
            Refusal::federated_subject_case(subject)
        } else {
            Refusal::federated_subject(subject)
        });
    }
    if by_subject.iter().any(|record| record.audience == audience) {
        Ok(())
    } else {
        Err(Refusal::federated_audience(audience))
    }
}
