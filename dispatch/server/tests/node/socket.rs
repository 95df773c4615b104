//! What a client may do to a connection that no library of ours would.

use dispatch_api::question::Page;
use dispatch_core::view::AlarmView;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Bench, node, node_with, within};

impl Bench {
    /// A connection over which this is said.
    async fn says(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.running.node.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn metric(&self, name: &str) -> u64 {
        let metrics = self.client().text("/metrics").await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |count| count.parse().unwrap())
    }
}

/// The next answer: status line and headers.
async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    within("an answer", async {
        while !read.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => read.push(byte),
                Err(_) => break,
            }
        }
    })
    .await;
    String::from_utf8(read).unwrap().to_lowercase()
}

/// Reads until the other side is done.
async fn rest(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    // A connection that is cut while something is unread ends with an error; what came before it counts.
    let _ = within("the end of the connection", stream.read_to_end(&mut read)).await;
    String::from_utf8_lossy(&read).into_owned()
}

fn post(path: &str, length: usize, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn an_answer_does_not_wait_for_what_comes_next() {
    let bench = node().await;
    for (after, behind) in
        [("\r\n", None), ("\n", None), ("POS", None), ("\u{1}\r\n\r\n", Some("http/1.1 400"))]
    {
        let mut stream = bench.says(&format!("{}{after}", post("/api/v1/alarms", 4, "help"))).await;
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("http/1.1 201"), "{after:?}: {answer}");
        if let Some(behind) = behind {
            let rest = rest(&mut stream).await.to_lowercase();
            assert!(rest.contains(behind), "{after:?}: {rest}");
        }
    }
    let alarms: Page<AlarmView> = bench.client().get("/alarms").await.unwrap();
    assert_eq!(alarms.items.len(), 4);
}

#[tokio::test]
async fn what_is_no_request_is_told_so() {
    let bench = node().await;
    for text in ["\u{1}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\u{0} HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    {
        let answer = head(&mut bench.says(text).await).await;
        assert!(answer.starts_with("http/1.1 400"), "{text:?}: {answer}");
    }
    let twice = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n";
    assert!(head(&mut bench.says(twice).await).await.starts_with("http/1.1 400"));
    let long = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    assert!(head(&mut bench.says(&long).await).await.starts_with("http/1.1 431"));
}

#[tokio::test]
async fn nothing_is_smuggled_behind_a_body_of_two_lengths() {
    let bench = node().await;
    let request = "POST /api/v1/alarms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\
                   Transfer-Encoding: chunked\r\n\r\n4\r\nhelp\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let all = rest(&mut bench.says(request).await).await.to_lowercase();
    assert!(all.starts_with("http/1.1 201") && all.contains("connection: close"), "{all}");
    assert_eq!(all.matches("http/1.1").count(), 1, "{all}");
}

#[tokio::test]
async fn a_call_for_help_does_not_die_of_a_slash() {
    let bench = node().await;
    for path in ["/api/v1/alarms/", "/api/v1/alarms//", "/api/v1/alarms?x=1", "/api/v1/%61larms"] {
        let answer = head(&mut bench.says(&post(path, 4, "help")).await).await;
        assert!(answer.starts_with("http/1.1 201"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_call_for_help_does_not_die_of_a_missing_host() {
    let bench = node().await;
    for version in ["1.0", "1.1"] {
        let call = format!("POST /api/v1/alarms HTTP/{version}\r\nContent-Length: 4\r\n\r\nhelp");
        let answer = head(&mut bench.says(&call).await).await;
        assert!(answer.contains(" 201 "), "{version}: {answer}");
        let asks = format!("GET /healthz HTTP/{version}\r\n\r\n");
        let answer = head(&mut bench.says(&asks).await).await;
        let expected = if version == "1.0" { " 200 " } else { " 400 " };
        assert!(answer.contains(expected), "{version}: {answer}");
    }
}

#[tokio::test]
async fn a_call_keeps_the_sender_that_could_be_read() {
    let bench = node().await;
    let unit = bench.unit();
    let call = format!(
        "POST /api/v1/alarms HTTP/1.1\r\nHost: localhost\r\nOrtoo-Actor: unit:{unit}\r\nOrtoo-Channel: pigeon\r\n\
         Ortoo-On-Behalf-Of: {}\r\nContent-Length: 4\r\n\r\nhelp",
        "x".repeat(200)
    );
    assert!(head(&mut bench.says(&call).await).await.contains(" 201 "));
    let journal: Value = bench.client().get("/journal?limit=1000").await.unwrap();
    let rows = journal["items"].as_array().unwrap();
    let raised = rows.iter().find(|row| row["actor"] == format!("unit:{unit}")).unwrap();
    assert_eq!(raised["channel"], "api");
    let alarms: Page<AlarmView> = bench.client().get("/alarms").await.unwrap();
    let flaws = &alarms.items[0].alarm.flaws;
    assert_eq!(flaws.iter().filter(|flaw| flaw.starts_with("header: ")).count(), 2, "{flaws:?}");
}

#[tokio::test]
async fn a_delivery_of_our_own_is_not_taken_for_news() {
    let bench = node().await;
    let own = bench.running.node.state().journal.unwrap();
    let delivery = |journal: &str| {
        format!(
            "POST /api/v1/alarms HTTP/1.1\r\nHost: localhost\r\nOrtoo-Delivery: {journal}-1-loop\r\nContent-Length: 4\r\n\r\nhelp"
        )
    };
    assert!(head(&mut bench.says(&delivery(&own.to_string())).await).await.contains(" 409 "));
    let another = "0197b3c0-0000-7000-8000-000000000001";
    assert!(head(&mut bench.says(&delivery(another)).await).await.contains(" 201 "), "of another centre");
}

#[tokio::test]
async fn invented_methods_are_counted_together() {
    let bench = node().await;
    for method in ["AAA", "BBB", "CCC"] {
        let answer =
            head(&mut bench.says(&format!("{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n")).await).await;
        assert!(answer.starts_with("http/1.1 405"), "{answer}");
    }
    assert_eq!(bench.metric("ortoo_requests_total{method=\"other\",status=\"405\"}").await, 3);
    let metrics = bench.client().text("/metrics").await.unwrap();
    assert!(!metrics.contains("AAA"), "{metrics}");
}

#[tokio::test]
async fn who_stands_still_gives_way() {
    let bench = node_with(|config| config.limits.connections = 2).await;
    let mut silent = bench.says("").await;
    let mut stalls = bench.says(&post("/api/v1/positions", 100, "{")).await;
    for _ in 0..3 {
        let mut stream =
            bench.says("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(rest(&mut silent).await, "");
    let mut next = bench.says("").await;
    let mut last = bench.says("").await;
    assert!(rest(&mut stalls).await.starts_with("HTTP/1.1 503"), "it is told why");
    assert!(bench.metric("ortoo_connections_let_go_total").await >= 2);
    drop((next.shutdown().await, last.shutdown().await));
}

#[tokio::test]
async fn a_call_that_stands_still_rings_with_what_came_when_its_place_is_needed() {
    let bench = node_with(|config| config.limits.connections = 1).await;
    let mut calls = bench.says(&post("/api/v1/alarms", 100, "{\"text\":\"the gate is open\"")).await;
    // Its head has to be read before it is known for a call.
    within("the call to be heard", async {
        while bench.running.node.room.held() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut other = bench.says(&post("/api/v1/alarms", 4, "fire")).await;
    assert!(head(&mut other).await.starts_with("http/1.1 201"));
    let answer = rest(&mut calls).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 201") && answer.contains("connection: close"), "{answer}");
    let alarms: Page<AlarmView> = bench.client().get("/alarms").await.unwrap();
    assert_eq!(alarms.items.len(), 2);
}

#[tokio::test]
async fn bodies_hold_no_more_than_there_is_room_for() {
    let (most, each) = (1024 * 1024, 200 * 1024);
    let bench = node_with(|config| {
        config.limits.positions_bytes = each;
        config.limits.bodies_bytes = most;
    })
    .await;
    let room = &bench.running.node.room;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut stream = bench.says(&post("/api/v1/positions", each, "")).await;
        stream.write_all(&vec![b' '; each - 1]).await.unwrap();
        assert!(room.held() <= most);
        stalled.push(stream);
    }
    within("the first to give way", async {
        assert!(rest(&mut stalled[0]).await.starts_with("HTTP/1.1 503"));
    })
    .await;
    let unit = bench.unit();
    let fix = format!(
        "{{\"unit\":\"{unit}\",\"lon\":-71.6,\"lat\":-33.04,\"fix_time\":{}}}",
        bench.running.node.now().0
    );
    let mut good = bench.says(&post("/api/v1/positions", fix.len(), &fix)).await;
    assert!(head(&mut good).await.starts_with("http/1.1 202"));
    drop(stalled);
    within("what they held to be given back", async {
        while room.held() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn faults_without_number_are_read_to_a_bound() {
    let bench = node().await;
    let body = "{\n".repeat(1_000_000);
    for (path, status) in [("positions", "413"), ("points/heartbeats", "422")] {
        let mut stream = bench.says(&post(&format!("/api/v1/{path}"), body.len(), &body)).await;
        let answer = head(&mut stream).await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{path}: {answer}");
    }
    assert_eq!(bench.metric("ortoo_positions_total{verdict=\"faulty\"}").await, 10_000);
    assert_eq!(bench.metric("ortoo_heartbeats_total{verdict=\"faulty\"}").await, 20_000);
}
