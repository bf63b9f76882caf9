//! What an administrator can change while the emulator runs: roles, secrets, network rules, habits.
//!
//! At the start they follow from `fixtures`; `POST /switches` and `Emulator::switch` change them,
//! a reset takes them back. Faults, which go away by themselves, are in `faults`.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::fixtures::{self, ACCOUNTS, APPS};

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
    /// Waits this long before each answer of Entra and Batch.
    pub latency_ms: Option<u64>,
    /// `user:password` that the proxy asks for; empty for an open proxy.
    pub proxy_auth: Option<String>,
}

/// One role assignment: "Azure Batch Account Reader" for an app on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Account name.
    pub account: String,
    /// App name or client id.
    pub app: String,
    /// Whether the role is given or taken away.
    pub assigned: bool,
}

/// A change that names nothing we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(String);

impl std::fmt::Display for UnknownName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "no account or app is called {:?}", self.0)
    }
}

impl std::error::Error for UnknownName {}

/// The present position of all switches.
#[derive(Debug, Clone)]
pub(crate) struct Positions {
    pub(crate) slashless_audience: bool,
    pub(crate) latency_ms: u64,
    pub(crate) proxy_auth: Option<String>,
    locked: HashSet<&'static str>,
    /// Account name and client id.
    readers: HashSet<(&'static str, &'static str)>,
    secrets: HashMap<&'static str, String>,
}

impl Default for Positions {
    fn default() -> Self {
        let locked = ACCOUNTS.iter().filter(|account| account.locked);
        let readers = APPS.iter().filter(|app| app.reader);
        Self {
            slashless_audience: false,
            latency_ms: 0,
            proxy_auth: None,
            locked: locked.map(|account| account.name).collect(),
            readers: readers
                .flat_map(|app| ACCOUNTS.iter().map(|account| (account.name, app.client_id)))
                .collect(),
            secrets: HashMap::new(),
        }
    }
}

impl Positions {
    /// Makes all the changes, or none when one of them names something unknown.
    pub(crate) fn change(&mut self, changes: &Switches) -> Result<(), UnknownName> {
        let mut next = self.clone();
        for (account, locked) in &changes.network_rules {
            let account = account_name(account)?;
            if *locked {
                next.locked.insert(account)
            } else {
                next.locked.remove(account)
            };
        }
        for role in &changes.roles {
            let held = (account_name(&role.account)?, app(&role.app)?.client_id);
            if role.assigned {
                next.readers.insert(held)
            } else {
                next.readers.remove(&held)
            };
        }
        for (name, secret) in &changes.secrets {
            next.secrets.insert(app(name)?.client_id, secret.clone());
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

    /// Whether the app may list jobs on the account.
    pub(crate) fn is_reader(&self, account: &str, client_id: &str) -> bool {
        self.readers.iter().any(|(name, reader)| *name == account && *reader == client_id)
    }

    /// The secret that replaced the app's first one.
    pub(crate) fn new_secret(&self, client_id: &str) -> Option<&str> {
        self.secrets.get(client_id).map(String::as_str)
    }
}

fn account_name(name: &str) -> Result<&'static str, UnknownName> {
    let account = ACCOUNTS.iter().find(|account| account.name == name);
    account.map(|account| account.name).ok_or_else(|| UnknownName(name.to_owned()))
}

fn app(name: &str) -> Result<fixtures::App, UnknownName> {
    fixtures::app(name).ok_or_else(|| UnknownName(name.to_owned()))
}
