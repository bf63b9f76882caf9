//! What an administrator can change while the emulator runs: roles, secrets, certificates, consent,
//! network rules, habits.
//!
//! At the start they follow from `fixtures`; `POST /switches` and `Emulator::switch` change them,
//! a reset takes them back. Faults, which go away by themselves, are in `faults`.

use std::collections::{HashMap, HashSet};

use rustls::pki_types::TrustAnchor;
use serde::{Deserialize, Serialize};

use crate::{
    certificate::Certificate,
    fixtures::{self, ACCOUNTS, APPS, USERS},
};

/// Changes to make; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Whether Batch also accepts its audience without the slash at the end.
    pub slashless_audience: Option<bool>,
    /// Account name to whether its network rules refuse the caller.
    pub network_rules: HashMap<String, bool>,
    /// Roles to give or take.
    pub roles: Vec<Role>,
    /// App name or client id to its new, valid secret; the old one stops working.
    pub secrets: HashMap<String, String>,
    /// App name or client id to the certificates it may sign in with, in PEM or as base64 of DER;
    /// they replace those it had.
    pub certificates: HashMap<String, Vec<String>>,
    /// App name or client id to the subjects whose certificates it takes without knowing them, if
    /// the chain comes along; they replace those it had.
    pub trusted_subjects: HashMap<String, Vec<TrustedSubject>>,
    /// App name or client id to whether users have consented to Batch being called for them.
    pub consent: HashMap<String, bool>,
    /// App name or client id to whether Batch asks its users for a second factor.
    pub mfa_required: HashMap<String, bool>,
    /// Waits this long before each answer of Entra and Batch.
    pub latency_ms: Option<u64>,
    /// `user:password` that the proxy asks for; empty for an open proxy.
    pub proxy_auth: Option<String>,
}

/// Trust in a name instead of a key (Entra: "subject name and issuer authentication").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedSubject {
    /// Distinguished name of the certificate as RFC 4514 writes it: `CN=batch.contoso.example`.
    pub subject: String,
    /// Certificate of the authority that the chain must lead to, in PEM or as base64 of DER.
    pub authority: String,
}

/// One role assignment: "Azure Batch Account Reader" for an app or a user on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Account name.
    pub account: String,
    /// App name or client id, or a user's name.
    pub app: String,
    /// Whether the role is given or taken away.
    pub assigned: bool,
}

/// A change that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwitchError {
    /// It names nothing we have.
    UnknownName(String),
    /// A certificate of this app cannot be read, or cannot be what it is meant to be.
    Certificate {
        /// As the change named it.
        app: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl std::fmt::Display for SwitchError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownName(name) => write!(formatter, "no account or app is called {name:?}"),
            Self::Certificate { app, reason } => write!(formatter, "certificate of {app:?}: {reason}"),
        }
    }
}

impl std::error::Error for SwitchError {}

/// A subject and the authority that vouches for it.
#[derive(Debug, Clone)]
pub(crate) struct Trusted {
    pub(crate) subject: String,
    pub(crate) authority: TrustAnchor<'static>,
}

impl Trusted {
    fn read(wanted: &TrustedSubject) -> Result<Self, String> {
        let authority = Certificate::read(&wanted.authority)?.anchor()?;
        Ok(Self { subject: wanted.subject.clone(), authority })
    }
}

/// The present position of all switches.
#[derive(Debug, Clone)]
pub(crate) struct Positions {
    pub(crate) slashless_audience: bool,
    pub(crate) latency_ms: u64,
    pub(crate) proxy_auth: Option<String>,
    locked: HashSet<&'static str>,
    /// Account name and object id.
    readers: HashSet<(&'static str, &'static str)>,
    secrets: HashMap<&'static str, String>,
    certificates: HashMap<&'static str, Vec<Certificate>>,
    trusted: HashMap<&'static str, Vec<Trusted>>,
    consented: HashSet<&'static str>,
    mfa_required: HashSet<&'static str>,
}

impl Default for Positions {
    fn default() -> Self {
        let locked = ACCOUNTS.iter().filter(|account| account.locked);
        let apps = APPS.iter().filter(|app| app.reader).map(|app| app.object_id);
        let readers = apps.chain(USERS.iter().map(|user| user.object_id));
        let consented = APPS.iter().filter(|app| app.consented);
        Self {
            slashless_audience: false,
            latency_ms: 0,
            proxy_auth: None,
            locked: locked.map(|account| account.name).collect(),
            readers: readers
                .flat_map(|holder| ACCOUNTS.iter().map(move |account| (account.name, holder)))
                .collect(),
            secrets: HashMap::new(),
            certificates: HashMap::new(),
            trusted: HashMap::new(),
            consented: consented.map(|app| app.client_id).collect(),
            mfa_required: HashSet::new(),
        }
    }
}

impl Positions {
    /// Makes all the changes, or none when one of them cannot be made.
    pub(crate) fn change(&mut self, changes: &Switches) -> Result<(), SwitchError> {
        let mut next = self.clone();
        for (account, locked) in &changes.network_rules {
            set(&mut next.locked, account_name(account)?, *locked);
        }
        for role in &changes.roles {
            let held = (account_name(&role.account)?, holder(&role.app)?);
            set(&mut next.readers, held, role.assigned);
        }
        for (name, secret) in &changes.secrets {
            next.secrets.insert(client_id(name)?, secret.clone());
        }
        for (name, texts) in &changes.certificates {
            let read = texts.iter().map(|text| Certificate::read(text)).collect();
            next.certificates.insert(client_id(name)?, of_app(name, read)?);
        }
        for (name, subjects) in &changes.trusted_subjects {
            let read = subjects.iter().map(Trusted::read).collect();
            next.trusted.insert(client_id(name)?, of_app(name, read)?);
        }
        for (name, consented) in &changes.consent {
            set(&mut next.consented, client_id(name)?, *consented);
        }
        for (name, required) in &changes.mfa_required {
            set(&mut next.mfa_required, client_id(name)?, *required);
        }
        next.slashless_audience = changes.slashless_audience.unwrap_or(next.slashless_audience);
        next.latency_ms = changes.latency_ms.unwrap_or(next.latency_ms);
        if let Some(proxy_auth) = &changes.proxy_auth {
            next.proxy_auth = Some(proxy_auth.clone()).filter(|auth| !auth.is_empty());
        }
        *self = next;
        Ok(())
    }

    /// Whether network rules keep callers away from the account.
    pub(crate) fn is_locked(&self, account: &str) -> bool {
        self.locked.contains(account)
    }

    /// Whether an app or a user may list jobs on the account.
    pub(crate) fn is_reader(&self, account: &str, object_id: &str) -> bool {
        self.readers.iter().any(|(name, reader)| *name == account && *reader == object_id)
    }

    /// The secret that replaced the app's first one.
    pub(crate) fn new_secret(&self, client_id: &str) -> Option<&str> {
        self.secrets.get(client_id).map(String::as_str)
    }

    /// The certificates that are registered with the app.
    pub(crate) fn certificates(&self, client_id: &str) -> &[Certificate] {
        self.certificates.get(client_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The subjects that the app trusts by name.
    pub(crate) fn trusted(&self, client_id: &str) -> &[Trusted] {
        self.trusted.get(client_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the app may call Batch for its users.
    pub(crate) fn is_consented(&self, client_id: &str) -> bool {
        self.consented.contains(client_id)
    }

    /// Whether the app's users need a second factor for Batch.
    pub(crate) fn needs_mfa(&self, client_id: &str) -> bool {
        self.mfa_required.contains(client_id)
    }
}

fn set<T: Eq + std::hash::Hash>(positions: &mut HashSet<T>, value: T, on: bool) {
    if on {
        positions.insert(value);
    } else {
        positions.remove(&value);
    }
}

fn of_app<T>(name: &str, read: Result<T, String>) -> Result<T, SwitchError> {
    read.map_err(|reason| SwitchError::Certificate { app: name.to_owned(), reason })
}

fn account_name(name: &str) -> Result<&'static str, SwitchError> {
    let account = ACCOUNTS.iter().find(|account| account.name == name);
    account.map(|account| account.name).ok_or_else(|| SwitchError::UnknownName(name.to_owned()))
}

fn app(name: &str) -> Result<fixtures::App, SwitchError> {
    fixtures::app(name).ok_or_else(|| SwitchError::UnknownName(name.to_owned()))
}

fn client_id(name: &str) -> Result<&'static str, SwitchError> {
    Ok(app(name)?.client_id)
}

/// The object id of an app or a user.
fn holder(name: &str) -> Result<&'static str, SwitchError> {
    match USERS.iter().find(|user| user.name == name) {
        Some(user) => Ok(user.object_id),
        None => Ok(app(name)?.object_id),
    }
}
