//! Refusals of the Batch service -> what to do about them.
//!
//! Codes: "Batch Status and Error Codes". A 403 has three faces, told apart by code: the network
//! rules of the account, a way of signing in that the account does not allow, and a missing role.

/// What a refusal was about.
pub(super) struct Refused<'a> {
    pub(super) status: u16,
    pub(super) code: &'a str,
    /// `AuthenticationErrorDetail`, where the service gave one.
    pub(super) detail: &'a str,
    /// The account's name.
    pub(super) account: &'a str,
}

/// The step that mends it.
pub(super) fn for_refusal(refused: &Refused<'_>) -> Option<String> {
    let account = refused.account;
    let fixed = match (refused.status, refused.code) {
        (401, _) if refused.detail.contains("audience") => {
            "Use the Batch scope of the account's cloud, with both slashes: https://batch.core.windows.net//.default. \
             A token for the form with one slash, or for another service, is not accepted."
        }
        (401, _) => {
            "Check that tenant_id is the tenant of the account's subscription, that cloud or authority_host \
             fit the account, and that this machine's clock is right."
        }
        (403, "AuthorizationFailure") => {
            "Let this machine through: Azure portal > your Batch account > Networking (public access, IP rules, \
             private endpoint). A changed rule takes some minutes to work; no role helps here."
        }
        (403, "AuthenticationFailed") => {
            "Allow sign-in with Microsoft Entra ID: Azure portal > your Batch account > Authentication modes. \
             The account takes shared keys only, or the request was signed with one."
        }
        (403, "AccountIsDisabled") => "Ask the owner of the subscription why the Batch account is disabled.",
        (403, _) => return Some(missing_role(account)),
        (404, "JobScheduleNotFound") => "Check job_schedule_id: this account has no such schedule.",
        (404, _) => "Check account_url; the account has nothing at this place.",
        (400, "OutOfRangeQueryParameterValue") => "Give max_results from 1 to 1000.",
        (400, "MissingRequiredQueryParameter" | "UnsupportedRequestVersion") => {
            "Leave api_version unset, or give one that the service supports."
        }
        (400, "InvalidQueryParameterValue" | "UnsupportedQueryParameter") => {
            "Check filter, select, expand and api_version: property names are case-sensitive, and functions are \
             written startswith(id,'text')."
        }
        (400, "InsufficientPermissions") => {
            "Grant the caller the right that is named, on the linked resource."
        }
        (429, _) => {
            "Wait as long as the service asks; ask for larger pages (max_results) and fewer listings."
        }
        (500, "OperationTimedOut") => {
            "Ask for fewer jobs a page (max_results), fewer fields (select) or a narrower filter."
        }
        (500..=599, _) => "The Batch service is out of order for the moment: try again later.",
        _ => return None,
    };
    Some(fixed.to_owned())
}

fn missing_role(account: &str) -> String {
    format!(
        "Give the application a role with the data action Microsoft.Batch/batchAccounts/jobs/read on the Batch \
         account {account}: Access control (IAM) > Add role assignment > Azure Batch Account Reader \
         (11076f67-66f6-4be0-8f6b-f0609fd05cc9), or Azure Batch Job Submitter \
         (48e5e92e-a480-4e71-aa9c-2778f4c13781) to submit jobs as well. A new role takes some minutes to work."
    )
}
