use dispatch_api::problem::Problem;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{node, node_with};

async fn code(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let code = serde_json::from_slice::<Problem>(&body).map(|problem| problem.code).unwrap_or_default();
    (status, code)
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused() {
    let bench = node_with(|config| config.hosts = vec!["ortoo.example".into()]).await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let get = |host: &str| http.get(format!("{base}/api/v1/alarms")).header("host", host);
    assert_eq!(code(get("evil.example")).await, (403, "host_refused".into()));
    assert_eq!(code(get("ortoo.example:8110")).await.0, 200);
    assert_eq!(code(get("localhost:1")).await.0, 200);
    let post = |origin: &str| http.post(format!("{base}/api/v1/alarms")).header("origin", origin).body("{}");
    assert_eq!(code(post("http://evil.example")).await, (403, "origin_refused".into()));
    assert_eq!(
        code(post("http://127.0.0.1:1")).await,
        (403, "origin_refused".into()),
        "another local server"
    );
    assert_eq!(code(post("null")).await, (403, "origin_refused".into()));
    assert_eq!(code(post(&base)).await.0, 201);
    let upgrade = http
        .get(format!("{base}/api/v1/stream"))
        .header("origin", "http://evil.example")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(code(upgrade).await, (403, "origin_refused".into()));
    let metrics = bench.client().text("/metrics").await.unwrap();
    assert!(metrics.contains("ortoo_refused_total{code=\"origin_refused\"} 4"), "{metrics}");
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let bench = node().await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    assert_eq!(code(http.get(format!("{base}/api/v1/nothing"))).await, (404, "not_found".into()));
    assert_eq!(
        code(http.request(Method::DELETE, format!("{base}/api/v1/alarms"))).await,
        (405, "method".into())
    );
    assert_eq!(code(http.get(format!("{base}/api/v1/alarms?stat=open"))).await, (400, "query".into()));
    assert_eq!(code(http.get(format!("{base}/api/v1/alarms/x"))).await, (404, "not_found".into()));
    assert_eq!(code(http.get(format!("{base}/api/v1/stream"))).await, (400, "header".into()));
    assert_eq!(code(http.get(format!("{base}/map/nothing"))).await, (404, "not_found".into()));
}

#[tokio::test]
async fn a_rate_limit_never_stops_an_alarm() {
    let bench = node_with(|config| config.limits.requests_per_s = 1).await;
    let base = bench.running.base();
    let http = reqwest::Client::new();
    let mut limited = false;
    for _ in 0..200 {
        let answer = http.get(format!("{base}/healthz")).send().await.unwrap();
        if answer.status() == 429 {
            assert_eq!(answer.headers()["retry-after"], "1");
            limited = true;
            break;
        }
    }
    assert!(limited, "two requests fall into one second");
    assert_eq!(code(http.post(format!("{base}/api/v1/alarms")).body("help")).await.0, 201);
}

#[tokio::test]
async fn the_node_speaks_of_itself() {
    let bench = node().await;
    let client = bench.client();
    assert_eq!(client.text("/healthz").await.unwrap(), "ok");
    let ready: Value = serde_json::from_str(&client.text("/readyz").await.unwrap()).unwrap();
    assert_eq!((&ready["role"], &ready["missing"]), (&json!("leader"), &json!([])));
    assert!(client.text("/api/docs").await.unwrap().contains("openapi.json"));
    let document: serde_json::Value =
        serde_json::from_str(&client.text("/api/openapi.json").await.unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let metrics = client.text("/metrics").await.unwrap();
    for name in ["ortoo_requests_total", "ortoo_commit_seconds_bucket", "ortoo_head", "ortoo_subscribers"] {
        assert!(metrics.contains(name), "{name} in\n{metrics}");
    }
}
