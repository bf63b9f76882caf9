//! Cancellation: one switch that ends every call it was handed to.

use tokio_util::sync::CancellationToken;

/// A switch that is thrown once. Clones share it; any thread may throw it, at any time.
#[derive(Clone, Debug, Default)]
pub struct Cancel(CancellationToken);

impl Cancel {
    /// A switch not yet thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch. Again is no matter.
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Whether it has been thrown.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Ends once the switch is thrown.
    pub(crate) async fn triggered(&self) {
        self.0.cancelled().await;
    }
}
