//! An emulator: its listeners, its runtime, and the way a test talks to it.
//!
//! Starts threads of its own, so it can be used from a plain test as well as from an async one, and
//! many can run side by side; dropping it ends everything it started. The same operations are
//! offered over HTTP by `admin`.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tempfile::NamedTempFile;
use tokio::runtime::{Builder, Runtime};

use crate::{
    admin,
    batch::Batch,
    config::Config,
    entra::Entra,
    faults::Rule,
    fixtures::{ACCOUNTS, OIDC_REQUEST_PATH},
    journal::Request,
    listen::serve_tls,
    mint::{self, AssertionOptions, UserTokenOptions},
    pipelines::Pipelines,
    proxy,
    ready::Ready,
    switches::{SwitchError, Switches},
    tls::Authority,
    token::MintOptions,
    trap::Trap,
    world::World,
};

/// Where the TLS listeners are.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) entra: SocketAddr,
    pub(crate) pipelines: SocketAddr,
    batch: Vec<(&'static str, SocketAddr)>,
    pub(crate) untrusted: SocketAddr,
    pub(crate) wrong_host: SocketAddr,
    pub(crate) expired: SocketAddr,
}

impl Addresses {
    /// The listener of an account.
    pub(crate) fn batch(&self, account: &str) -> Option<SocketAddr> {
        self.batch.iter().find(|(name, _)| *name == account).map(|(_, address)| *address)
    }

    /// Account names and their listeners.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        self.batch.iter().copied()
    }

    /// All listeners.
    pub(crate) fn all(&self) -> impl Iterator<Item = SocketAddr> {
        let others = [self.entra, self.pipelines, self.untrusted, self.wrong_host, self.expired];
        others.into_iter().chain(self.batch.iter().map(|(_, address)| *address))
    }
}

/// A running emulator.
pub struct Emulator {
    /// Ends with the emulator; taken out only to be shut down.
    runtime: Option<Runtime>,
    world: Arc<World>,
    addresses: Addresses,
    proxy: SocketAddr,
    admin: SocketAddr,
    ca_pem: String,
    ca_path: PathBuf,
    /// Removes the file at the end, when the caller did not choose it.
    _ca_file: Option<NamedTempFile>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Emulator").field("addresses", &self.addresses).finish()
    }
}

impl Emulator {
    /// Starts all listeners. They answer as soon as this returns.
    ///
    /// # Errors
    /// When a port, a thread, a certificate or the CA file cannot be had, or `jobs` is out of range.
    pub fn start(config: Config) -> io::Result<Self> {
        if !(1..=Config::MAX_JOBS).contains(&config.jobs) {
            let text = format!("jobs must be 1 to {}, got {}", Config::MAX_JOBS, config.jobs);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(config.worker_threads.max(1))
            .thread_name("emulator")
            .enable_all()
            .build()?;
        let guard = runtime.enter();
        let world = Arc::new(World::new(config)?);
        let authority = Authority::new("batch-auth emulator CA")?;
        let addresses = listen(&world, &authority)?;
        let proxy = proxy::serve(&world, addresses.clone())?;
        let (ca_path, ca_file) = write_ca(world.config.ca_out.as_deref(), &authority.pem)?;
        let ready = Ready::new(&addresses, proxy, &ca_path);
        let admin = admin::serve(&world, ready)?;
        drop(guard);
        Ok(Self {
            runtime: Some(runtime),
            world,
            addresses,
            proxy,
            admin,
            ca_pem: authority.pem,
            ca_path,
            _ca_file: ca_file,
        })
    }

    /// Authority host, without a slash at the end.
    #[must_use]
    pub fn entra_url(&self) -> String {
        https(self.addresses.entra)
    }

    /// What a job in Azure Pipelines finds in `SYSTEM_OIDCREQUESTURI`.
    #[must_use]
    pub fn pipelines_url(&self) -> String {
        https(self.addresses.pipelines) + OIDC_REQUEST_PATH
    }

    /// Account endpoint, without a slash at the end.
    ///
    /// # Panics
    /// When there is no such account.
    #[must_use]
    pub fn batch_url(&self, account: &str) -> String {
        let address = self.addresses.batch(account);
        https(address.unwrap_or_else(|| panic!("no account is called {account:?}")))
    }

    /// The CONNECT proxy.
    #[must_use]
    pub fn proxy_url(&self) -> String {
        http(self.proxy)
    }

    /// The admin interface.
    #[must_use]
    pub fn admin_url(&self) -> String {
        http(self.admin)
    }

    /// A listener whose certificate comes from an authority that is not in the CA file.
    #[must_use]
    pub fn untrusted_url(&self) -> String {
        https(self.addresses.untrusted)
    }

    /// A listener whose certificate is for another host.
    #[must_use]
    pub fn wrong_host_url(&self) -> String {
        https(self.addresses.wrong_host)
    }

    /// A listener whose certificate has expired.
    #[must_use]
    pub fn expired_url(&self) -> String {
        https(self.addresses.expired)
    }

    /// The CA certificate's file. It is removed with the emulator unless `Config` named it.
    #[must_use]
    pub fn ca_path(&self) -> &Path {
        &self.ca_path
    }

    /// The CA certificate in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The line that the program prints when it is ready, also answered by `GET /fixtures`.
    #[must_use]
    pub fn ready(&self) -> Ready {
        let mut ready = Ready::new(&self.addresses, self.proxy, &self.ca_path);
        ready.admin = self.admin_url();
        ready
    }

    /// Adds a fault rule behind those that are there.
    pub fn fault(&self, rule: Rule) {
        self.world.faults.add(rule);
    }

    /// Forgets all fault rules and ends the requests that hang.
    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// All requests since the last reset, in the order in which they were received.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world.journal.requests()
    }

    /// How many requests reached `listener` (`entra`, `batch`, `batch:<account>`, `pipelines`, `proxy`,
    /// ...) with `path` in their path. Empty texts match everything.
    #[must_use]
    pub fn request_count(&self, listener: &str, path: &str) -> usize {
        self.world.journal.count(listener, path)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.world.journal.clear();
    }

    /// Blocks until `count` such requests were received, answered or not; false after `limit`.
    /// Not for async code: it blocks the thread.
    #[must_use]
    pub fn wait_for_requests(&self, listener: &str, path: &str, count: usize, limit: Duration) -> bool {
        let (done, wait) = std::sync::mpsc::channel();
        let (world, listener, path) = (Arc::clone(&self.world), listener.to_owned(), path.to_owned());
        let Some(runtime) = &self.runtime else {
            return false;
        };
        runtime.spawn(async move {
            // The receiver is gone only when nobody waits any more.
            let _ = done.send(world.journal.wait(&listener, &path, count, limit).await);
        });
        wait.recv().unwrap_or(false)
    }

    /// Shifts the emulator's clock to `offset_s` seconds from the machine's.
    pub fn set_clock_offset(&self, offset_s: i64) {
        self.world.clock.set_offset(offset_s);
    }

    /// Changes roles, secrets, certificates, consent, network rules and habits.
    ///
    /// # Errors
    /// When an account or app is not known or a certificate cannot be read; then nothing is changed.
    pub fn switch(&self, changes: &Switches) -> Result<(), SwitchError> {
        self.world.positions().change(changes)
    }

    /// Takes everything back to the start: faults, clock, switches, requests.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Signs an access token, good or bad.
    ///
    /// # Panics
    /// When signing fails, which would be a defect of the emulator.
    #[must_use]
    pub fn mint_token(&self, options: &MintOptions) -> String {
        self.world.mint(options).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Signs a token of another issuer, as a federated credential takes it.
    ///
    /// # Panics
    /// When signing fails, which would be a defect of the emulator.
    #[must_use]
    pub fn mint_assertion(&self, options: &AssertionOptions) -> String {
        mint::assertion(&self.world, options).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Signs a user's token for a service, which may act on behalf of the user with it.
    ///
    /// # Panics
    /// When signing fails, which would be a defect of the emulator.
    #[must_use]
    pub fn mint_user_token(&self, options: &UserTokenOptions) -> String {
        mint::user_token(&self.world, options).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // In the background: waiting for tasks is neither needed nor allowed in async code.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn listen(world: &Arc<World>, authority: &Authority) -> io::Result<Addresses> {
    let tls = authority.server()?;
    let stranger = Authority::new("an authority that nobody trusts")?;
    let entra = Arc::new(Entra { world: Arc::clone(world) });
    let pipelines = Arc::new(Pipelines { world: Arc::clone(world) });
    let batch = ACCOUNTS.iter().map(|account| {
        let service = Arc::new(Batch::new(Arc::clone(world), *account));
        if world.config.prepare {
            service.prepare();
        }
        Ok((account.name, serve_tls(world, Arc::clone(&tls), service)?))
    });
    Ok(Addresses {
        batch: batch.collect::<io::Result<_>>()?,
        entra: serve_tls(world, Arc::clone(&tls), entra)?,
        pipelines: serve_tls(world, Arc::clone(&tls), pipelines)?,
        untrusted: serve_tls(world, stranger.server()?, Arc::new(Trap("untrusted")))?,
        wrong_host: serve_tls(world, authority.wrong_host()?, Arc::new(Trap("wrong_host")))?,
        expired: serve_tls(world, authority.expired()?, Arc::new(Trap("expired")))?,
    })
}

fn write_ca(wanted: Option<&Path>, pem: &str) -> io::Result<(PathBuf, Option<NamedTempFile>)> {
    if let Some(path) = wanted {
        std::fs::write(path, pem)?;
        return Ok((path.to_owned(), None));
    }
    let mut file = tempfile::Builder::new().prefix("batch-auth-emulator-ca-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    Ok((file.path().to_owned(), Some(file)))
}

/// By name rather than by number, as TLS libraries differ in how they treat addresses.
pub(crate) fn https(address: SocketAddr) -> String {
    format!("https://localhost:{}", address.port())
}

pub(crate) fn http(address: SocketAddr) -> String {
    format!("http://127.0.0.1:{}", address.port())
}
