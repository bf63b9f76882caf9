//! The jobs of an account, made when they are first looked at, a thousand at a time.
//!
//! Each job's text is laid out once, with a gap where the host stands in its url, so that a page is
//! assembled by copying. Stores of one size are shared by all accounts and emulators of the process.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use crate::batch::{
    generator,
    job::{Fields, Job},
    layout::Layout,
};

const PER_BLOCK: usize = 1000;

/// A thousand jobs. Their text is laid out only when a page shows it whole: a filter needs none.
#[derive(Debug, Default)]
struct Block {
    jobs: OnceLock<Vec<Job>>,
    text: OnceLock<Text>,
}

/// The text of a block's jobs.
#[derive(Debug)]
struct Text {
    bytes: Vec<u8>,
    /// Where each job's text starts, and where the host belongs in it.
    places: Vec<(usize, usize)>,
}

/// All jobs of an account.
#[derive(Debug)]
pub(crate) struct Store {
    count: usize,
    blocks: Vec<Block>,
}

static STORES: Mutex<Vec<Weak<Store>>> = Mutex::new(Vec::new());

impl Store {
    /// The store of `count` jobs, the same one for everybody who asks while it lives.
    pub(crate) fn shared(count: usize) -> Arc<Self> {
        let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
        stores.retain(|store| store.strong_count() > 0);
        if let Some(store) = stores.iter().filter_map(Weak::upgrade).find(|store| store.count == count) {
            return store;
        }
        let blocks = (0..count.div_ceil(PER_BLOCK)).map(|_| Block::default()).collect();
        let store = Arc::new(Self { count, blocks });
        stores.push(Arc::downgrade(&store));
        store
    }

    /// How many jobs there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// The job at `position`, which must be below `len`.
    pub(crate) fn job(&self, position: usize) -> &Job {
        &self.jobs(position / PER_BLOCK)[position % PER_BLOCK]
    }

    /// The text of the job at `position` as an element of a page, before and after the host.
    pub(crate) fn text(&self, position: usize) -> (&[u8], &[u8]) {
        let block = position / PER_BLOCK;
        let text = self.blocks[block].text.get_or_init(|| lay_out(self.jobs(block)));
        let index = position % PER_BLOCK;
        let (start, host) = text.places[index];
        let end = text.places.get(index + 1).map_or(text.bytes.len(), |(start, _)| *start);
        (&text.bytes[start..host], &text.bytes[host..end])
    }

    /// Makes everything now that would be made when it is first looked at.
    pub(crate) fn prepare(&self) {
        for position in (0..self.count).step_by(PER_BLOCK) {
            self.text(position);
        }
    }

    fn jobs(&self, block: usize) -> &[Job] {
        self.blocks[block].jobs.get_or_init(|| {
            let first = block * PER_BLOCK;
            let end = self.count.min(first + PER_BLOCK);
            (first..end).map(|n| generator::job(n, self.count)).collect()
        })
    }
}

fn lay_out(jobs: &[Job]) -> Text {
    let mut bytes = Vec::with_capacity(jobs.len() * 1400);
    let mut places = Vec::with_capacity(jobs.len());
    for job in jobs {
        let start = bytes.len();
        // Depth 2: inside the page and its `value`.
        let host_at = job.write(&mut Layout::new(&mut bytes, 2), Fields::DEFAULT, "");
        places.push((start, host_at));
    }
    Text { bytes, places }
}
