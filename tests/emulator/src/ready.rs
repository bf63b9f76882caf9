//! What a client needs to know about a running emulator: the ready line and the environment.
//!
//! Printed as one line of JSON when the program is ready, answered by `GET /fixtures`, and handed to
//! the command of `--run` as environment variables, so that C and shell need no JSON.

use std::{collections::BTreeMap, net::SocketAddr, path::Path};

use serde::Serialize;

use crate::{
    emulator::{Addresses, http, https},
    fixtures::{
        APPS, CONTOSO, FABRIKAM, KUBERNETES, OIDC_REQUEST_PATH, READER, SCHEDULE, SERVICE_CONNECTION,
        SHARED_KEY, SYSTEM_ACCESS_TOKEN, USERS, User,
    },
};

/// Where everything is, and the made-up world behind it.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// Authority host.
    pub entra: String,
    /// Account endpoints by account name.
    pub batch: BTreeMap<String, String>,
    /// Admin interface.
    pub admin: String,
    /// CONNECT proxy.
    pub proxy: String,
    /// What a job in Azure Pipelines is given.
    pub pipelines: PipelinesIds,
    /// Certificate of a foreign authority.
    pub untrusted: String,
    /// Certificate of another host.
    pub wrong_host: String,
    /// Certificate that has expired.
    pub expired: String,
    /// File with the CA certificate.
    pub ca_bundle: String,
    /// The tenant of the accounts.
    pub tenant: TenantIds,
    /// Another tenant.
    pub other_tenant: TenantIds,
    /// Applications by name.
    pub apps: BTreeMap<String, AppIds>,
    /// Users by name.
    pub users: BTreeMap<String, UserIds>,
    /// Whose tokens the app `federated` takes.
    pub federated: FederatedIds,
    /// The job schedule.
    pub schedule: String,
    /// Key of the account that takes SharedKey only.
    pub shared_key: String,
}

/// A tenant's two names.
#[derive(Debug, Clone, Serialize)]
pub struct TenantIds {
    /// GUID.
    pub id: String,
    /// Verified domain.
    pub domain: String,
}

/// What an application signs in with.
#[derive(Debug, Clone, Serialize)]
pub struct AppIds {
    /// Client id.
    pub client_id: String,
    /// Secret value; empty and left out when the app has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret: String,
    /// Secret id; likewise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret_id: String,
    /// Tenant id.
    pub tenant: String,
}

/// Who a user is.
#[derive(Debug, Clone, Serialize)]
pub struct UserIds {
    /// Object id.
    pub object_id: String,
    /// User principal name.
    pub upn: String,
}

/// A federated credential of the app `federated`: its Kubernetes service account.
#[derive(Debug, Clone, Serialize)]
pub struct FederatedIds {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audience: String,
}

/// What a job in Azure Pipelines signs in with.
#[derive(Debug, Clone, Serialize)]
pub struct PipelinesIds {
    /// `SYSTEM_OIDCREQUESTURI`.
    pub oidc_request_uri: String,
    /// `SYSTEM_ACCESSTOKEN`.
    pub system_access_token: String,
    /// The service connection, which the app `federated` trusts.
    pub service_connection: String,
}

impl Ready {
    pub(crate) fn new(addresses: &Addresses, proxy: SocketAddr, ca_bundle: &Path) -> Self {
        let tenant = |tenant: crate::fixtures::Tenant| TenantIds {
            id: tenant.id.to_owned(),
            domain: tenant.domain.to_owned(),
        };
        let app = |app: &crate::fixtures::App| {
            let ids = AppIds {
                client_id: app.client_id.to_owned(),
                secret: app.secret.to_owned(),
                secret_id: app.secret_id.to_owned(),
                tenant: app.tenant.id.to_owned(),
            };
            (app.name.to_owned(), ids)
        };
        let user = |user: &User| {
            let ids = UserIds { object_id: user.object_id.to_owned(), upn: user.upn.to_owned() };
            (user.name.to_owned(), ids)
        };
        let batch = addresses.accounts();
        Self {
            entra: https(addresses.entra),
            batch: batch.map(|(name, address)| (name.to_owned(), https(address))).collect(),
            admin: String::new(),
            proxy: http(proxy),
            pipelines: PipelinesIds {
                oidc_request_uri: https(addresses.pipelines) + OIDC_REQUEST_PATH,
                system_access_token: SYSTEM_ACCESS_TOKEN.to_owned(),
                service_connection: SERVICE_CONNECTION.to_owned(),
            },
            untrusted: https(addresses.untrusted),
            wrong_host: https(addresses.wrong_host),
            expired: https(addresses.expired),
            ca_bundle: ca_bundle.display().to_string(),
            tenant: tenant(CONTOSO),
            other_tenant: tenant(FABRIKAM),
            apps: APPS.iter().map(app).collect(),
            users: USERS.iter().map(user).collect(),
            federated: FederatedIds {
                issuer: KUBERNETES.issuer.to_owned(),
                subject: KUBERNETES.subject.to_owned(),
                audience: KUBERNETES.audience.to_owned(),
            },
            schedule: SCHEDULE.to_owned(),
            shared_key: SHARED_KEY.to_owned(),
        }
    }

    /// The same as environment variables.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let plain = [
            ("EMULATOR_ENTRA", self.entra.as_str()),
            ("EMULATOR_ADMIN", &self.admin),
            ("EMULATOR_PROXY", &self.proxy),
            ("EMULATOR_UNTRUSTED", &self.untrusted),
            ("EMULATOR_WRONG_HOST", &self.wrong_host),
            ("EMULATOR_EXPIRED", &self.expired),
            ("EMULATOR_CA", &self.ca_bundle),
            ("EMULATOR_TENANT", &self.tenant.id),
            ("EMULATOR_TENANT_DOMAIN", &self.tenant.domain),
            ("EMULATOR_OTHER_TENANT", &self.other_tenant.id),
            ("EMULATOR_CLIENT_ID", READER.client_id),
            ("EMULATOR_CLIENT_SECRET", READER.secret),
            ("EMULATOR_CLIENT_SECRET_ID", READER.secret_id),
            ("EMULATOR_FEDERATED_ISSUER", &self.federated.issuer),
            ("EMULATOR_FEDERATED_SUBJECT", &self.federated.subject),
            ("EMULATOR_FEDERATED_AUDIENCE", &self.federated.audience),
            ("EMULATOR_PIPELINES_OIDC_REQUEST_URI", &self.pipelines.oidc_request_uri),
            ("EMULATOR_PIPELINES_SYSTEM_ACCESS_TOKEN", &self.pipelines.system_access_token),
            ("EMULATOR_PIPELINES_SERVICE_CONNECTION", &self.pipelines.service_connection),
            ("EMULATOR_SCHEDULE", &self.schedule),
        ];
        let plain = plain.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let batch = self
            .batch
            .iter()
            .map(|(name, url)| (format!("EMULATOR_BATCH_{}", name.to_uppercase()), url.clone()));
        let apps = self.apps.iter().flat_map(|(name, app)| {
            let name = name.to_uppercase();
            let id = (format!("EMULATOR_{name}_CLIENT_ID"), app.client_id.clone());
            let secret = (format!("EMULATOR_{name}_CLIENT_SECRET"), app.secret.clone());
            [id, secret].into_iter().filter(|(_, value)| !value.is_empty())
        });
        let users = self.users.iter().flat_map(|(name, user)| {
            let name = name.to_uppercase();
            [
                (format!("EMULATOR_{name}_OBJECT_ID"), user.object_id.clone()),
                (format!("EMULATOR_{name}_UPN"), user.upn.clone()),
            ]
        });
        plain.into_iter().chain(batch).chain(apps).chain(users).collect()
    }
}
