//! The made-up world: tenants, applications, users, Batch accounts, and the roles between them.
//!
//! Every value is obviously fake, the same in each run, and repeated in the ready line and in
//! `GET /fixtures`. What changes while the emulator runs (rotated secrets, roles, network rules) is
//! in `switches`; which jobs an account holds is in `batch::generator`.

/// A tenant: a directory with a GUID, one verified domain and a name for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenant {
    /// Directory (tenant) id.
    pub id: &'static str,
    /// Verified domain name, accepted wherever the id is, in any case.
    pub domain: &'static str,
    /// Display name, as error texts quote it.
    pub name: &'static str,
}

/// An app registration together with its service principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct App {
    /// Name for people and for the admin interface.
    pub name: &'static str,
    /// The tenant it lives in.
    pub tenant: Tenant,
    /// Application (client) id.
    pub client_id: &'static str,
    /// The secret's Value; empty when it has none.
    pub secret: &'static str,
    /// The secret's ID, which people paste instead of its Value; empty when there is no secret.
    pub secret_id: &'static str,
    /// Object id of the service principal: the token's `oid` and `sub`.
    pub object_id: &'static str,
    /// Whether the secret is past its end date.
    pub secret_expired: bool,
    /// Whether users and tokens are turned off for the application.
    pub disabled: bool,
    /// Whether it holds "Azure Batch Account Reader" on every account at the start.
    pub reader: bool,
    /// Whether users have consented at the start to Batch being called on their behalf.
    pub consented: bool,
    /// Whose tokens it takes in place of a credential of its own.
    pub federated: &'static [FederatedCredential],
}

/// Trust in the tokens of another issuer (workload identity federation). All three are compared
/// byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FederatedCredential {
    /// `iss`.
    pub issuer: &'static str,
    /// `sub`.
    pub subject: &'static str,
    /// `aud`.
    pub audience: &'static str,
}

/// A person who signs in to `CONTOSO`, and who holds "Azure Batch Account Reader" everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Name for people and for the admin interface.
    pub name: &'static str,
    /// Object id: `oid` of the tokens.
    pub object_id: &'static str,
    /// User principal name: `upn` of the tokens.
    pub upn: &'static str,
}

/// How many jobs an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobCount {
    /// As many as `Config::jobs` says.
    Configured,
    /// Always this many.
    Fixed(usize),
}

/// A Batch account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Account name, the first label of its host.
    pub name: &'static str,
    /// How many jobs it has.
    pub jobs: JobCount,
    /// Whether network rules refuse callers at the start.
    pub locked: bool,
    /// Whether SharedKey is the only authentication mode; the others allow Entra only.
    pub shared_key: bool,
}

/// The tenant that everything lives in.
pub const CONTOSO: Tenant =
    Tenant { id: "c0000000-7e4a-4000-8000-000000000001", domain: "contoso.example", name: "Contoso" };

/// A second tenant, for tokens and applications from the wrong directory.
pub const FABRIKAM: Tenant =
    Tenant { id: "fab00000-7e4a-4000-8000-000000000002", domain: "fabrikam.example", name: "Fabrikam" };

/// All tenants.
pub const TENANTS: [Tenant; 2] = [CONTOSO, FABRIKAM];

/// Signs in and may read every account. Its secret needs form encoding in each special character.
pub const READER: App = App {
    name: "reader",
    tenant: CONTOSO,
    client_id: "aaaa0000-0000-4000-8000-00000000000a",
    secret: "fake~8Q+x&y=z%41 ü.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-00000000000a",
    object_id: "0b1ec700-0000-4000-8000-00000000000a",
    secret_expired: false,
    disabled: false,
    reader: true,
    consented: false,
    federated: &[],
};

/// Signs in, but holds no role on any account.
pub const NO_ROLE: App = App {
    name: "norole",
    client_id: "aaaa0000-0000-4000-8000-00000000000b",
    secret: "fake~norole.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-00000000000b",
    object_id: "0b1ec700-0000-4000-8000-00000000000b",
    reader: false,
    ..READER
};

/// Its secret has expired.
pub const EXPIRED: App = App {
    name: "expired",
    client_id: "aaaa0000-0000-4000-8000-00000000000c",
    secret: "fake~expired.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-00000000000c",
    object_id: "0b1ec700-0000-4000-8000-00000000000c",
    secret_expired: true,
    ..READER
};

/// Its service principal is disabled.
pub const DISABLED: App = App {
    name: "disabled",
    client_id: "aaaa0000-0000-4000-8000-00000000000d",
    secret: "fake~disabled.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-00000000000d",
    object_id: "0b1ec700-0000-4000-8000-00000000000d",
    disabled: true,
    ..READER
};

/// Signs in to the other tenant, so its tokens come from a directory the accounts do not trust.
pub const STRANGER: App = App {
    name: "stranger",
    tenant: FABRIKAM,
    client_id: "aaaa0000-0000-4000-8000-00000000000e",
    secret: "fake~stranger.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-00000000000e",
    object_id: "0b1ec700-0000-4000-8000-00000000000e",
    ..READER
};

/// Signs in with the certificates that a switch registers.
pub const CERTIFICATE: App = App {
    name: "certificate",
    client_id: "aaaa0000-0000-4000-8000-00000000000f",
    secret: "",
    secret_id: "",
    object_id: "0b1ec700-0000-4000-8000-00000000000f",
    ..READER
};

/// Signs in with tokens of a Kubernetes cluster and of Azure Pipelines.
pub const FEDERATED: App = App {
    name: "federated",
    client_id: "aaaa0000-0000-4000-8000-000000000010",
    secret: "",
    secret_id: "",
    object_id: "0b1ec700-0000-4000-8000-000000000010",
    federated: &[KUBERNETES, PIPELINE],
    ..READER
};

/// A service that calls Batch on behalf of its users.
pub const MIDDLE_TIER: App = App {
    name: "middle_tier",
    client_id: "aaaa0000-0000-4000-8000-000000000011",
    secret: "fake~middle-tier.not-a-real-secret",
    secret_id: "5ec0e71d-0000-4000-8000-000000000011",
    object_id: "0b1ec700-0000-4000-8000-000000000011",
    consented: true,
    ..READER
};

/// All applications.
pub const APPS: [App; 8] =
    [READER, NO_ROLE, EXPIRED, DISABLED, STRANGER, CERTIFICATE, FEDERATED, MIDDLE_TIER];

/// The service account in a Kubernetes cluster that `FEDERATED` trusts.
pub const KUBERNETES: FederatedCredential = FederatedCredential {
    issuer: "https://issuer.emulator.example/",
    subject: "system:serviceaccount:batch:runner",
    audience: "api://AzureADTokenExchange",
};

/// The service connection in Azure Pipelines that `FEDERATED` trusts.
pub const PIPELINE: FederatedCredential = FederatedCredential {
    issuer: "https://pipelines.emulator.example/da7a0000-7e4a-4000-8000-000000000003",
    subject: "sc://contoso/batch/batch-connection",
    audience: "api://AzureADTokenExchange",
};

/// Id of that service connection.
pub const SERVICE_CONNECTION: &str = "5e4c0000-7e4a-4000-8000-000000000004";

/// `SYSTEM_ACCESSTOKEN` of a pipeline's job.
pub const SYSTEM_ACCESS_TOKEN: &str = "fake.system-access-token.not-a-real-token";

/// Path of the address that a job finds in `SYSTEM_OIDCREQUESTURI`.
pub const OIDC_REQUEST_PATH: &str = "/contoso/da7a0000-7e4a-4000-8000-000000000005/_apis/distributedtask/\
     hubs/build/plans/da7a0000-7e4a-4000-8000-000000000006/jobs/da7a0000-7e4a-4000-8000-000000000007/\
     oidctoken";

/// A user.
pub const ALICE: User =
    User { name: "alice", object_id: "0b1ec700-0000-4000-8000-0000000000a1", upn: "alice@contoso.example" };

/// Another user.
pub const BOB: User =
    User { name: "bob", object_id: "0b1ec700-0000-4000-8000-0000000000b0", upn: "bob@contoso.example" };

/// All users.
pub const USERS: [User; 2] = [ALICE, BOB];

/// All Batch accounts. They belong to `CONTOSO`.
pub const ACCOUNTS: [Account; 5] = [
    account("contoso", JobCount::Configured),
    account("empty", JobCount::Fixed(0)),
    account("single", JobCount::Fixed(3)),
    Account { locked: true, ..account("locked", JobCount::Configured) },
    Account { shared_key: true, ..account("sharedkey", JobCount::Configured) },
];

/// Base64 key of the `sharedkey` account.
pub const SHARED_KEY: &str = "bm90LWEtcmVhbC1rZXktbm90LWEtcmVhbC1rZXktbm90LWEtcmVhbC1rZXk=";

/// The one job schedule of every account that has jobs; its jobs are `nightly:job-N`.
pub const SCHEDULE: &str = "nightly";

const fn account(name: &'static str, jobs: JobCount) -> Account {
    Account { name, jobs, locked: false, shared_key: false }
}

/// Looks a tenant up by its id or its domain name, without case.
#[must_use]
pub fn tenant(name: &str) -> Option<Tenant> {
    TENANTS
        .into_iter()
        .find(|tenant| tenant.id.eq_ignore_ascii_case(name) || tenant.domain.eq_ignore_ascii_case(name))
}

/// Looks an application up by its name or its client id, without case.
#[must_use]
pub fn app(name: &str) -> Option<App> {
    APPS.into_iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(name) || app.name.eq_ignore_ascii_case(name))
}
