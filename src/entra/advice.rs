//! AADSTS code -> what to do about it.
//!
//! Codes and their causes: Microsoft's "Microsoft Entra authentication and authorization error
//! codes". The advice is for the person who set the application up.

/// The step that mends a refusal with this AADSTS code.
pub(super) fn for_code(code: u64) -> Option<&'static str> {
    TABLE.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, advice)| *advice)
}

/// The same for the `error` of RFC 6749, where no code is known.
pub(super) fn for_name(name: &str) -> Option<&'static str> {
    let code = match name {
        "invalid_client" => 50012,
        "unauthorized_client" => 700_016,
        "invalid_scope" => 70011,
        "invalid_resource" => 500_011,
        "temporarily_unavailable" => 90055,
        _ => return None,
    };
    for_code(code)
}

/// Whether only a person at a sign-in page can meet this refusal.
pub(super) fn needs_person(code: u64) -> bool {
    const CODES: [u64; 15] = [
        50055, 50058, 50072, 50074, 50076, 50078, 50079, 50173, 65001, 70008, 70043, 700_082, 700_084, 54005,
        70000,
    ];
    CODES.contains(&code)
}

type Row = (&'static [u64], &'static str);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // The application's own proof.
    (&[7_000_215], "Copy the secret's Value, not its Secret ID: App registrations > your app > Certificates & secrets. The Value is shown only once, so make a new secret where it is lost, and look for blanks around it."),
    (&[7_000_222], "Make a new secret under App registrations > your app > Certificates & secrets and use its Value; a certificate or a federated credential does not run out like this."),
    (&[7_000_216, 7_000_218], "Send a secret, certificate or assertion; or, for a person's sign-in, set App registrations > your app > Authentication > Allow public client flows to Yes."),
    (&[700_025], "Leave the secret out: this application is registered as a public client. Or add a Web platform to its registration."),
    (&[7_000_214], "Check under App registrations > your app > Certificates & secrets that the credential belongs to this application."),
    (&[700_027], "Upload the certificate's public part (.cer) to App registrations > your app > Certificates & secrets, and compare its thumbprint with the one in the message."),
    (&[700_030], "Check the trusted subject name and issuer of the application's certificate."),
    (&[1_000_502], "Renew the certificate: it is outside its time of validity. Check this machine's clock as well."),
    (&[700_023], "Use one cloud and tenant throughout: the assertion was made for another token endpoint."),
    (&[700_024, 50012], "Check that the secret, certificate or assertion is current and that this machine's clock is right."),
    (&[700_016], "Compare client_id and tenant_id with App registrations > your app > Overview; an application of another tenant must first be consented to in this one."),
    (&[7_000_112, 70001], "Enable the application: Enterprise applications > your app > Properties > Enabled for users to sign-in."),
    (&[70021, 700_211, 700_212, 700_213, 7_002_138], "Make issuer, subject and audience (api://AzureADTokenExchange) of the application's federated credential equal to the token's, byte for byte; a new one takes some minutes to work."),
    (&[700_229], "Use a managed identity's token as the assertion."),
    (&[7_000_114], "Use another flow: this application may not act on behalf of users."),
    // Tenant and cloud.
    (&[90002], "Check tenant_id, and that authority_host, cloud or AZURE_AUTHORITY_HOST name the cloud that the tenant lives in."),
    (&[900_023], "Give the tenant's id (a GUID) or one of its domains as tenant_id."),
    (&[50059, 50128, 50194, 9_001_023], "Use the tenant's own id instead of common or organizations."),
    (&[50020], "Invite the user as a guest, or sign in to the tenant that the user belongs to."),
    (&[90038, 900_382, 1_000_104], "Register the application in the cloud that it signs in to, and set cloud or authority_host to match."),
    (&[500_212, 500_213], "Ask the tenant's administrator about its cross-tenant access policy."),
    (&[100_007], "Unset AZURE_REGIONAL_AUTHORITY_NAME."),
    // Scope, resource, consent.
    (&[70011, 28002, 28003, 1_002_012], "Use the scope https://batch.core.windows.net//.default, with both slashes, or leave scope unset."),
    (&[700_022], "Ask for one resource at a time."),
    (&[500_011, 50001], "Use the Batch scope of the right cloud, and register the resource provider Microsoft.Batch on a subscription of this tenant."),
    (&[65001], "Grant consent: App registrations > your app > API permissions > Microsoft Azure Batch (Access Azure Batch Service) > Grant admin consent."),
    (&[65002], "Use an application registration of your own."),
    (&[650_057], "Add Microsoft Azure Batch under App registrations > your app > API permissions."),
    (&[50105], "Assign the user to the application: Enterprise applications > your app > Users and groups."),
    // People and Conditional Access.
    (&[50034, 50126], "Check user name, password and tenant."),
    (&[50053], "Wait until the account is unlocked, or ask the tenant's administrator."),
    (&[50055, 50057, 50058], "Sign in interactively; a password that has expired must be changed first."),
    (&[50072, 50074, 50076, 50078, 50079], "Sign in interactively: multi-factor authentication is required."),
    (&[53000, 53001, 53002, 53003, 530_032, 530_035], "Ask the tenant's administrator which Conditional Access policy blocks this sign-in: Microsoft Entra ID > Sign-in logs names it."),
    (&[50173, 70043, 70008, 700_082, 700_084, 54005, 70000], "Sign in again: the earlier sign-in is no longer valid."),
    (&[50011], "Add http://localhost as a redirect URI under App registrations > your app > Authentication > Mobile and desktop applications."),
    (&[500_131, 500_133], "Pass a user's token that was issued for this application and has not expired."),
    // Request and service.
    (&[90013, 90014, 900_144], "Look for a proxy that strips or changes the body of requests."),
    (&[50196], "Share one Auth, and so its token, between callers: the same request was repeated too often."),
    (&[90055], "Wait as long as Entra asks; share one Auth, and so its token, between callers."),
    (&[90033, 90006, 50033, 90024, 90012], "Entra is out of order for the moment: try again later."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_stands_twice_and_every_advice_is_whole_sentences() {
        let codes: Vec<u64> = TABLE.iter().flat_map(|(codes, _)| codes.iter().copied()).collect();
        let mut unique = codes.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(codes.len(), unique.len());
        for (_, advice) in TABLE {
            assert!(advice.ends_with('.') && advice.starts_with(char::is_uppercase), "{advice}");
        }
    }

    #[test]
    fn the_usual_mistakes_have_advice_that_names_the_place_to_go() {
        for code in [7_000_215, 7_000_222, 700_016] {
            assert!(for_code(code).unwrap().contains("your app"));
        }
        assert_eq!(for_code(1), None);
    }
}
