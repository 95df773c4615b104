//! Tracks: what goes in comes out, before and after a fold, and after the file was closed.
#![cfg(feature = "conformance")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::FileExt as _;
use std::path::Path;

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_store::conformance::tracks::{a_fold_changes_nothing, point, retention_forgets};
use dispatch_store::tracks::{self, TRACKS_FILE, chunk, thin};
use dispatch_store::{TrackPoint, Tracks};
use futures_util::FutureExt as _;
use proptest::prelude::*;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

const END: Time = Time(100_000_000_000);

#[tokio::test]
async fn the_newest_point_of_each_unit_is_found_folded_or_not() {
    let dir = TempDir::new().unwrap();
    let tracks = Tracks::connect(dir.path()).await.unwrap();
    tracks.append(vec![point("a", 5), point("b", 6), point("a", 7)], Time(7_000_000)).await.unwrap();
    tracks.append(vec![point("a", 650), point("a", 640)], Time(650_000_000)).await.unwrap();
    tracks.append(vec![point("c", 1_300)], Time(1_300_000_000)).await.unwrap();
    drop(tracks);
    let tracks = Tracks::connect(dir.path()).await.unwrap();
    let newest = tracks.newest(Time(0)).await.unwrap();
    assert_eq!(newest, [point("a", 650), point("b", 6), point("c", 1_300)]);
    assert_eq!(tracks.newest(Time(700_000_000)).await.unwrap(), [point("c", 1_300)]);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("tracks.sqlite");
    let tracks = Tracks::connect_or_begin(dir.path()).await.unwrap();
    assert!(tracks.damage().now_or_never().is_none(), "a new one is whole");
    let points = (0..400).map(|n| point(&format!("u{n}"), 5)).collect();
    tracks.append(points, Time(1_300_000_000)).await.unwrap();
    drop(tracks);
    let tracks = Tracks::connect_or_begin(dir.path()).await.unwrap();
    assert!(tracks.damage().now_or_never().is_none(), "nor is one in the way that is whole");
    // Opening copied the log into the file.
    let whole = std::fs::read(&file).unwrap();
    assert!(whole.len() > 16_384, "{} bytes", whole.len());
    let zeroed = |from: usize, to: usize| {
        let mut bytes = whole.clone();
        bytes[from..to].fill(0);
        bytes
    };
    let damages = [
        (b"not a database at all, but long enough to be read as the head of one".to_vec(), "no database"),
        (zeroed(0, 100), "without its head"),
        (zeroed(8_192, whole.len()), "without its pages"),
        (whole[..whole.len() / 2].to_vec(), "cut off"),
    ];
    for (bytes, how) in damages {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("tracks.sqlite"), &bytes).unwrap();
        let tracks = Tracks::connect_or_begin(dir.path()).await.unwrap();
        let damage = tracks.damage().now_or_never().unwrap_or_else(|| panic!("{how} is damaged"));
        let set_aside = damage.set_aside.unwrap();
        assert!(set_aside.ends_with("tracks.sqlite.damaged-1"), "{how}");
        assert_eq!(std::fs::read(&set_aside).unwrap(), bytes, "{how}: kept as it was found");
        tracks.append(vec![point("a", 5)], Time(7_000_000)).await.unwrap();
        assert_eq!(tracks.newest(Time(0)).await.unwrap(), [point("a", 5)], "{how}: they begin anew");
    }
}

/// Tracks with two folded slots and one that is not, opened again.
async fn lived_in(dir: &TempDir) -> Tracks {
    let tracks = Tracks::connect_or_begin(dir.path()).await.unwrap();
    for slot in 0..2 {
        let points = (0..400).map(|n| point(&format!("u{n}"), slot * 600 + 5)).collect();
        tracks.append(points, Time((slot + 1) * 600_000_000)).await.unwrap();
    }
    tracks.append(vec![point("u0", 1_205), point("u1", 1_205)], Time(1_206_000_000)).await.unwrap();
    drop(tracks);
    Tracks::connect_or_begin(dir.path()).await.unwrap()
}

/// What is done to the files of tracks, in words, and whether a file is left to be kept.
type Damage = (fn(&Path), &'static str, bool);

#[tokio::test]
async fn what_is_damaged_under_way_is_set_aside_and_told_once() {
    let damages: [Damage; 4] = [
        (|dir| spoil(&dir.join(TRACKS_FILE)), "its pages are spoilt", true),
        (|dir| std::fs::remove_file(dir.join(TRACKS_FILE)).unwrap(), "it is gone", false),
        (
            |dir| std::fs::remove_file(dir.join(format!("{TRACKS_FILE}-wal"))).unwrap(),
            "its log is gone",
            true,
        ),
        (
            |dir| {
                std::fs::rename(dir.join(TRACKS_FILE), dir.join("elsewhere")).unwrap();
                std::fs::write(dir.join(TRACKS_FILE), "another file").unwrap();
            },
            "another file is there",
            true,
        ),
    ];
    for (damage, how, is_kept) in damages {
        let dir = TempDir::new().unwrap();
        let tracks = lived_in(&dir).await;
        damage(dir.path());
        // The end of a slot brings everything before it into the file.
        let next = Time(1_800_000_000);
        tracks.append(vec![point("u1", 1_801)], next).await.unwrap_or_else(|error| panic!("{how}: {error}"));
        let told = tracks.damage().now_or_never().unwrap_or_else(|| panic!("{how}: nobody was told"));
        assert_eq!(told.set_aside.is_some(), is_kept, "{how}: {told:?}");
        tracks.append(vec![point("u1", 1_806)], next).await.unwrap();
        assert!(tracks.damage().now_or_never().is_none(), "{how}: told once");
        let since = [point("u1", 1_205), point("u1", 1_801), point("u1", 1_806)];
        assert_eq!(tracks.range(&"u1".into(), Time(0), END).await.unwrap(), since, "{how}");
        drop(tracks);
        let tracks = Tracks::connect_or_begin(dir.path()).await.unwrap();
        assert!(tracks.damage().now_or_never().is_none(), "{how}: what was begun is whole");
        assert_eq!(tracks.range(&"u1".into(), Time(0), END).await.unwrap(), since, "{how}: durable");
    }
}

#[tokio::test]
async fn what_a_reader_finds_damaged_is_set_aside_too() {
    let dir = TempDir::new().unwrap();
    let tracks = lived_in(&dir).await;
    let mut raw = SqliteConnectOptions::new().filename(dir.path().join(TRACKS_FILE)).connect().await.unwrap();
    sqlx::query("update chunk set data = x'0105' where slot = 0").execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    let left = tracks.window(Time(0), END).await.unwrap();
    assert_eq!(left.into_values().collect::<Vec<_>>(), [[point("u0", 1_205)], [point("u1", 1_205)]]);
    assert!(tracks.damage().now_or_never().is_some_and(|damage| damage.set_aside.is_some()));
}

/// Turns every page but the first, where the file says what it is.
fn spoil(file: &Path) {
    let length = std::fs::metadata(file).unwrap().len();
    let spoilt = vec![0xff; usize::try_from(length).unwrap() - 4_096];
    std::fs::OpenOptions::new().write(true).open(file).unwrap().write_all_at(&spoilt, 4_096).unwrap();
}

#[tokio::test]
async fn a_fold_changes_nothing_that_can_be_read() {
    let dir = TempDir::new().unwrap();
    a_fold_changes_nothing(async || Tracks::connect(dir.path()).await.unwrap()).await;
}

#[tokio::test]
async fn retention_forgets_whole_chunks() {
    let dir = TempDir::new().unwrap();
    retention_forgets(&Tracks::connect(dir.path()).await.unwrap()).await;
}

#[tokio::test]
async fn a_backup_holds_what_was_appended() {
    let (dir, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let kept = Tracks::connect(dir.path()).await.unwrap();
    kept.append(vec![point("a", 10)], Time(0)).await.unwrap();
    kept.backup(copy.path()).await.unwrap();
    let back = TempDir::new().unwrap();
    assert!(tracks::restore(copy.path(), back.path()).unwrap());
    tracks::restore(copy.path(), back.path()).expect_err("tracks are never overwritten");
    let copied = Tracks::connect(back.path()).await.unwrap();
    assert_eq!(copied.range(&"a".into(), Time(0), END).await.unwrap(), [point("a", 10)]);
}

#[test]
fn thinning_keeps_the_newest_of_every_unit() {
    let points: Vec<TrackPoint> =
        (0..100).flat_map(|at| [point("a", at), point("b", at)]).chain([point("c", 3)]).collect();
    let all = thin(points.clone(), 201);
    assert_eq!((all.kept.len(), all.dropped), (201, 0));
    let thinned = thin(points.clone(), 50);
    assert!(thinned.kept.len() <= 53);
    assert_eq!(thinned.kept.len() as u64 + thinned.dropped, 201);
    for newest in [point("a", 99), point("b", 99), point("c", 3)] {
        assert!(thinned.kept.contains(&newest));
    }
    assert_eq!(thin(points, 0).kept.len(), 3);
}

fn any_point() -> impl Strategy<Value = TrackPoint> {
    let place = (-1_800_000_000..=1_800_000_000i32, -900_000_000..=900_000_000i32);
    let rest = (any::<u16>(), any::<u16>(), proptest::option::of(0..u16::MAX));
    (any::<i32>(), -1_000_000..1_000_000i64, place, rest).prop_map(|(at, delay_ms, (lon, lat), rest)| {
        TrackPoint {
            unit: "u".into(),
            fix_time: Time(i64::from(at) * 1_000_003),
            received_at: Time(i64::from(at) * 1_000_003 + delay_ms * 1_000),
            at: Coord { lon, lat },
            speed_cm_s: rest.0,
            heading_deg: rest.1,
            accuracy_m: rest.2,
        }
    })
}

proptest! {
    #[test]
    fn a_chunk_reads_as_it_was_written(points in proptest::collection::vec(any_point(), 0..50)) {
        let unit = UnitId::from("u");
        prop_assert_eq!(chunk::decode(&unit, &chunk::encode(&points)).unwrap(), points);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = chunk::decode(&"u".into(), &bytes);
        let _ = chunk::decode_flush(&bytes);
    }
}
