//! A claims challenge: the JSON object by which a service says what a token must hold.
//!
//! OpenID Connect Core, 5.5; Entra's "claims challenge" of continuous access evaluation. Sent
//! along with the client capability `CP1`, which says that this client can meet challenges.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result, Status};

/// A claims challenge, checked to be a JSON object, with `CP1` merged in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claims(String);

impl Claims {
    /// Checks a challenge and adds the capability.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            Error::new(Status::InvalidArgument, format!("claims must be a JSON object: {why}"))
                .with_help("Pass the challenge as the service sent it, after base64 decoding.")
        };
        let parsed: Value = serde_json::from_str(text).map_err(|_| refused("this is not JSON"))?;
        let Value::Object(mut claims) = parsed else {
            return Err(refused("this is another kind of JSON"));
        };
        let token = claims.entry("access_token").or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(token) = token else {
            return Err(refused("its member access_token is no object"));
        };
        token.insert("xms_cc".into(), json!({ "values": ["CP1"] }));
        Ok(Self(Value::Object(claims).to_string()))
    }

    /// As it is sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_keeps_its_claims_and_gains_the_capability() {
        let claims = Claims::parse(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#).unwrap();
        let sent: Value = serde_json::from_str(claims.as_str()).unwrap();
        assert_eq!(sent["access_token"]["nbf"]["value"], "1");
        assert_eq!(sent["access_token"]["xms_cc"]["values"][0], "CP1");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bad in ["", "[]", "1", "{", r#"{"access_token":[]}"#] {
            let error = Claims::parse(bad).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{bad}");
        }
    }
}
