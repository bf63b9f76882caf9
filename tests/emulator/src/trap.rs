//! The listeners that no client should ever reach with a request: their certificates are bad.
//!
//! Whatever comes is logged and answered with an empty JSON object, so that a test can tell a client
//! that refused the certificate from one that went on. The certificates are made in `tls`.

use hyper::StatusCode;

use crate::{
    exchange::Service,
    faults::Fault,
    message::{Answer, Received},
};

/// A listener with a bad certificate, by its name in the journal.
pub(crate) struct Trap(pub(crate) &'static str);

impl Service for Trap {
    fn listener(&self) -> &str {
        self.0
    }

    fn answer(&self, _request: &Received, _fault: Option<&Fault>) -> Answer {
        Answer::new(StatusCode::OK, "application/json", "{}")
    }

    fn refusal(&self, _request: &Received, status: StatusCode) -> Answer {
        Answer::new(status, "application/json", "{}")
    }
}
