//! Tracks: what goes in comes out, before and after a fold, and after the file was closed.
#![cfg(feature = "conformance")]

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_store::conformance::tracks::{a_fold_changes_nothing, point, retention_forgets};
use dispatch_store::tracks::{self, chunk, thin};
use dispatch_store::{TrackPoint, Tracks};
use proptest::prelude::*;
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
    let (tracks, none) = Tracks::connect_or_begin(dir.path()).await.unwrap();
    assert!(none.is_none(), "a new one is whole");
    let points = (0..400).map(|n| point(&format!("u{n}"), 5)).collect();
    tracks.append(points, Time(1_300_000_000)).await.unwrap();
    drop(tracks);
    let (_tracks, none) = Tracks::connect_or_begin(dir.path()).await.unwrap();
    assert!(none.is_none(), "nor is one in the way that is whole");
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
        let (tracks, set_aside) = Tracks::connect_or_begin(dir.path()).await.unwrap();
        let set_aside = set_aside.unwrap_or_else(|| panic!("{how} is damaged"));
        assert!(set_aside.file.ends_with("tracks.sqlite.damaged-1"), "{how}");
        assert_eq!(std::fs::read(&set_aside.file).unwrap(), bytes, "{how}: kept as it was found");
        tracks.append(vec![point("a", 5)], Time(7_000_000)).await.unwrap();
        assert_eq!(tracks.newest(Time(0)).await.unwrap(), [point("a", 5)], "{how}: they begin anew");
    }
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
