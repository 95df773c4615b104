//! Tracks: what goes in comes out, before and after a fold, and after the file was closed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use dispatch_core::Coord;
use dispatch_core::id::UnitId;
use dispatch_core::time::Time;
use dispatch_store::tracks::{self, SLOT_US, chunk, thin};
use dispatch_store::{TrackPoint, Tracks};
use proptest::prelude::*;
use tempfile::TempDir;

fn point(unit: &str, at_s: i64) -> TrackPoint {
    let step = i32::try_from(at_s).unwrap();
    TrackPoint {
        unit: unit.into(),
        fix_time: Time(at_s * 1_000_000),
        received_at: Time(at_s * 1_000_000 + 250_000),
        at: Coord { lon: 1_160_000_000 + step * 7, lat: 440_000_000 - step * 3 },
        speed_cm_s: 1_200,
        heading_deg: 90,
        accuracy_m: (at_s % 2 == 0).then_some(5),
    }
}

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
async fn a_fold_changes_nothing_that_can_be_read() {
    let dir = TempDir::new().unwrap();
    let tracks = Tracks::connect(dir.path()).await.unwrap();
    let mut sent = Vec::new();
    for at in (0..1_500).step_by(5) {
        let points = vec![point("a", at), point("b", at + 1)];
        sent.extend(points.iter().filter(|point| point.unit.as_str() == "a").cloned());
        tracks.append(points, Time(at * 1_000_000)).await.unwrap();
    }
    let a = UnitId::from("a");
    assert_eq!(tracks.range(&a, Time(0), END).await.unwrap(), sent, "two slots folded, one fresh");
    assert_eq!(tracks.range(&a, Time(600_000_000), Time(605_000_000)).await.unwrap(), [point("a", 600)]);
    assert_eq!(tracks.range(&"c".into(), Time(0), END).await.unwrap(), []);
    // A late fix finds its place, one sent again does not come twice.
    tracks.append(vec![point("a", 7), point("a", 10)], Time(1_500_000_000)).await.unwrap();
    sent.insert(2, point("a", 7));
    assert_eq!(tracks.range(&a, Time(0), END).await.unwrap(), sent);
    drop(tracks);
    let tracks = Tracks::connect(dir.path()).await.unwrap();
    assert_eq!(tracks.range(&a, Time(0), END).await.unwrap(), sent, "what was not folded is durable too");
    tracks.append(Vec::new(), Time(3_000_000_000)).await.unwrap();
    assert_eq!(
        tracks.range(&a, Time(0), END).await.unwrap(),
        sent,
        "folded a second time into the same chunk"
    );
    assert_eq!(tracks.window(Time(0), END).await.unwrap().len(), 2);
}

#[tokio::test]
async fn retention_forgets_whole_chunks() {
    let dir = TempDir::new().unwrap();
    let tracks = Tracks::connect(dir.path()).await.unwrap();
    let points: Vec<TrackPoint> = (0..1_800).step_by(60).map(|at| point("a", at)).collect();
    tracks.append(points, Time(0)).await.unwrap();
    tracks.append(Vec::new(), Time(2_000_000_000)).await.unwrap();
    assert_eq!(tracks.retire(Time(2 * SLOT_US)).await.unwrap(), 2);
    let left = tracks.range(&"a".into(), Time(0), END).await.unwrap();
    assert_eq!(left.first(), Some(&point("a", 1_200)));
    assert_eq!(left.len(), 10);
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
