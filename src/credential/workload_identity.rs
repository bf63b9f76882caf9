//! Workload identity: a pod, or a task, signs in with the token that its platform writes to a file.
//!
//! Entra: federated credentials; Kubernetes: projected service account tokens. The file is read for
//! every token request: platforms replace it long before it expires, and a copy grown old is
//! answered with AADSTS700024. On that answer it is read once more.

use std::fs;

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::Credential;
use super::application::Application;
use crate::entra::{self, TokenForm};
use crate::error::{Error, Result, Status, shown};
use crate::runtime::Limits;
use crate::secret::Secret;
use crate::system::Env;
use crate::token::{Issued, TenantId, TokenRequest, is_sendable};

/// Larger than any token: whatever this is, it is not one.
const LARGEST_FILE: u64 = 1 << 20;

/// An application and the file with its token.
#[derive(Debug)]
pub(crate) struct WorkloadIdentity {
    application: Application,
    path: String,
}

impl WorkloadIdentity {
    /// Takes what is given, and the rest from the environment. Reads no file yet: it may be mounted
    /// later.
    ///
    /// # Errors
    /// `CredentialUnavailable` that names every variable which is missing; `InvalidArgument`.
    pub(crate) fn new(
        tenant: Option<&str>,
        client: Option<&str>,
        path: Option<&str>,
        env: &dyn Env,
        entra: entra::Client,
    ) -> Result<Self> {
        let mut missing = Vec::new();
        let mut either = |given: Option<&str>, name: &'static str| {
            let value = given.map(str::to_owned).or_else(|| env.var(name));
            value.unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let tenant = either(tenant, "AZURE_TENANT_ID");
        let client = either(client, "AZURE_CLIENT_ID");
        let path = either(path, "AZURE_FEDERATED_TOKEN_FILE");
        if !missing.is_empty() {
            return Err(Error::new(
                Status::CredentialUnavailable,
                format!("workload identity is not configured: {} not set", missing.join(", ")),
            )
            .with_help(
                "Label the pod azure.workload.identity/use: \"true\", so that the platform sets these \
                 variables; or pass the values.",
            ));
        }
        Ok(Self { application: Application::new(&tenant, &client, entra)?, path })
    }

    /// The token that is in the file now.
    fn read(&self) -> Result<Secret> {
        let path = shown(&self.path);
        let unavailable = |why: String| {
            Error::new(Status::CredentialUnavailable, format!("the token file {path} {why}"))
                .with_help("Check AZURE_FEDERATED_TOKEN_FILE and that the platform mounts the file here.")
        };
        let size =
            fs::metadata(&self.path).map_err(|cause| unavailable(format!("cannot be read: {cause}")))?;
        if !size.is_file() || size.len() > LARGEST_FILE {
            return Err(unavailable("is no file of a token's size".to_owned()));
        }
        let text = fs::read_to_string(&self.path).map(Zeroizing::new);
        let text = text.map_err(|cause| unavailable(format!("cannot be read: {cause}")))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(unavailable("is empty".to_owned()));
        }
        Secret::new(token)
            .filter(|_| is_sendable(token))
            .ok_or_else(|| unavailable("holds no JSON web token".to_owned()))
    }

    async fn sign_in(&self, token: &Secret, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let form = TokenForm::client_credentials(self.application.client()).assertion(token);
        self.application.sign_in(form, request, limits).await
    }
}

#[async_trait]
impl Credential for WorkloadIdentity {
    fn name(&self) -> &'static str {
        "WorkloadIdentityCredential"
    }

    fn tenant(&self) -> Option<&TenantId> {
        Some(self.application.tenant())
    }

    async fn acquire(&self, request: &TokenRequest, limits: &Limits) -> Result<Issued> {
        let first = self.sign_in(&self.read()?, request, limits).await;
        match first {
            Err(error) if error.service_code() == Some("AADSTS700024") => {
                self.sign_in(&self.read()?, request, limits).await
            }
            outcome => outcome,
        }
    }
}
