//! The journal that is found where a copy is brought back: it lacks what the copy holds, but may hold a text or a package
//! that the copy does not hold as it was. It may be damaged: what of it can be read is taken, if it proves to be that.

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::batch::Content;
use crate::row::Words;
use crate::sql::Tables;
use crate::sqlite::{JOURNAL_FILE, SqliteOptions, look};

/// Opened to be read.
pub(super) struct Replaced {
    connection: SqliteConnection,
    node: i32,
    /// Corrections of the clock up to this row are in what it says of times.
    pub(super) seen: u64,
}

impl Replaced {
    /// None where there is none, or nothing of it can be read. `seen`: see there; its head where nobody knows.
    pub(super) async fn open(options: &SqliteOptions, seen: Option<u64>) -> Option<Self> {
        if !options.file().is_file() {
            return None;
        }
        let look = look(&options.dir, JOURNAL_FILE).ok()?;
        let mut connection = look.connect().await.ok()?;
        let node = i32::from(options.node);
        let head =
            Tables::<Sqlite, _>::new(&mut connection, node).head().await.map_or(u64::MAX, |(head, _)| head);
        Some(Self { connection, node, seen: seen.unwrap_or(head) })
    }

    fn tables(&mut self) -> Tables<Sqlite, &mut SqliteConnection> {
        Tables::new(&mut self.connection, self.node)
    }

    /// Words by their ids, as they lie there. Where some cannot be read the others are.
    pub(super) async fn words(&mut self, ids: &[String]) -> Vec<Words> {
        if let Ok(words) = self.tables().raw_words(ids).await {
            return words;
        }
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.tables().raw_words(std::slice::from_ref(id)).await.unwrap_or_default());
        }
        found
    }

    /// A region package, as it lies there.
    pub(super) async fn content(&mut self, hash: &str) -> Option<Content> {
        self.tables().content(hash).await.ok().flatten()
    }

    /// Lets it go, before it is set aside.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "the journal that was found was not closed in order");
        }
    }
}
