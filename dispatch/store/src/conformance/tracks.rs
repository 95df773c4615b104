//! Tracks: what goes in comes out, before and after a fold, after they were opened again, and until retention is over.

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;

use crate::tracks::{SLOT_US, TrackPoint, Tracks};

const END: Time = Time(100_000_000_000);

/// A point of a unit, so many seconds after 1970.
pub fn point(unit: &str, at_s: i64) -> TrackPoint {
    let step = i32::try_from(at_s).expect("tests end before 2038");
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

/// `open` opens empty tracks, and the same ones every time.
pub async fn a_fold_changes_nothing(open: impl AsyncFn() -> Tracks) {
    let tracks = open().await;
    let all = async |tracks: &Tracks, unit: &str| {
        tracks.range(&UnitId::from(unit), Time(0), END).await.expect("tracks can be read")
    };
    let append = async |tracks: &Tracks, points: Vec<TrackPoint>, at_s: i64| {
        tracks.append(points, Time(at_s * 1_000_000)).await.expect("tracks can be written");
    };
    let mut sent = Vec::new();
    for at in (0..1_500).step_by(5) {
        let points = vec![point("a", at), point("b", at + 1)];
        sent.push(point("a", at));
        append(&tracks, points, at).await;
    }
    assert_eq!(all(&tracks, "a").await, sent, "two slots folded, one fresh");
    let some = tracks.range(&"a".into(), Time(600_000_000), Time(605_000_000)).await;
    assert_eq!(some.expect("tracks can be read"), [point("a", 600)]);
    assert_eq!(all(&tracks, "c").await, []);
    // A late fix finds its place, one sent again does not come twice.
    append(&tracks, vec![point("a", 7), point("a", 10)], 1_500).await;
    sent.insert(2, point("a", 7));
    assert_eq!(all(&tracks, "a").await, sent);
    drop(tracks);
    let tracks = open().await;
    assert_eq!(all(&tracks, "a").await, sent, "what was not folded is durable too");
    append(&tracks, Vec::new(), 3_000).await;
    assert_eq!(all(&tracks, "a").await, sent, "folded a second time into the same chunk");
    assert_eq!(tracks.window(Time(0), END).await.expect("tracks can be read").len(), 2);
}

/// `tracks` are empty.
pub async fn retention_forgets(tracks: &Tracks) {
    let points: Vec<TrackPoint> = (0..1_800).step_by(60).map(|at| point("a", at)).collect();
    tracks.append(points, Time(0)).await.expect("tracks can be written");
    tracks.append(Vec::new(), Time(2_000_000_000)).await.expect("tracks can be folded");
    assert_eq!(tracks.retire(Time(2 * SLOT_US)).await.expect("tracks can be retired"), 2);
    let left = tracks.range(&"a".into(), Time(0), END).await.expect("tracks can be read");
    assert_eq!(left.first(), Some(&point("a", 1_200)));
    assert_eq!(left.len(), 10);
}
