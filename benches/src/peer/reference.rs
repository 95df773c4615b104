//! A plain dispatch server, as one would write it in a day: axum, a pool of connections to `PostgreSQL` with `PostGIS`, one
//! transaction for an alarm (kept, and for an incident the five nearest free units by the index of the database), and a
//! broadcast to the consoles after the commit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Json, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use dispatch_api::{BASE, PROTOCOL};
use futures_util::SinkExt as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::json;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, Row as _};
use tokio::sync::broadcast;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::node::Spot;
use crate::watch::wall_us;

/// Messages a console may be behind.
const ROOM: usize = 65_536;
/// Connections to the database: more than the two processors keep busy, fewer than it has by default.
const CONNECTIONS: u32 = 32;

/// Where the peer listens and which database it asks.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// The database, prepared.
    #[arg(long)]
    database: String,
}

/// Makes its tables and puts the units in.
pub async fn prepare(database: &str, units: &[Spot]) -> Result<()> {
    let mut connection = PgConnection::connect(database).await?;
    connection
        .execute(
            "create table unit (code text primary key, free boolean not null, at geography(point, 4326) not null);
             create table alarm (id bigserial primary key, source text not null, device text not null,
               at geography(point, 4326) not null, said text, received_at timestamptz not null default now());
             create table recommendation (alarm bigint primary key references alarm (id), units jsonb not null)",
        )
        .await?;
    let mut transaction = connection.begin().await?;
    for unit in units {
        sqlx::query("insert into unit values ($1, true, st_point($2, $3)::geography)")
            .bind(&unit.code)
            .bind(unit.lon)
            .bind(unit.lat)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    connection
        .execute("create index on unit using gist (at); create index on alarm using gist (at); analyze unit")
        .await?;
    connection.close().await?;
    Ok(())
}

/// Serves.
pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(serve(options))
}

struct PeerCentre {
    pool: PgPool,
    seq: AtomicU64,
    consoles: broadcast::Sender<Utf8Bytes>,
}

#[derive(Deserialize)]
struct Alarm {
    source: String,
    device: String,
    lon: f64,
    lat: f64,
    text: String,
}

async fn serve(options: &Options) -> Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .connect(&options.database)
        .await?;
    let centre = PeerCentre { pool, seq: AtomicU64::new(0), consoles: broadcast::channel(ROOM).0 };
    let router = Router::new()
        .route(&format!("{BASE}/alarms"), post(raise))
        .route(&format!("{BASE}/stream"), get(watch))
        .with_state(Arc::new(centre));
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        }),
        router,
    )
    .await?;
    Ok(())
}

async fn raise(State(centre): State<Arc<PeerCentre>>, Json(alarm): Json<Alarm>) -> (StatusCode, String) {
    match keep(&centre, &alarm).await {
        Ok(kept) => (StatusCode::CREATED, kept),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn keep(centre: &PeerCentre, alarm: &Alarm) -> Result<String> {
    let Alarm { source, device, lon, lat, text } = alarm;
    let mut transaction = centre.pool.begin().await?;
    let row = sqlx::query(
        "insert into alarm (source, device, at, said) values ($1, $2, st_point($3, $4)::geography, $5)
         returning id",
    )
    .bind(source)
    .bind(device)
    .bind(lon)
    .bind(lat)
    .bind(text)
    .fetch_one(&mut *transaction)
    .await?;
    let id: i64 = row.try_get(0)?;
    let mut nearest = Vec::new();
    if source == "button" {
        let rows = sqlx::query(
            "select code, st_distance(at, st_point($1, $2)::geography) from unit where free
             order by at <-> st_point($1, $2)::geography limit 5",
        )
        .bind(lon)
        .bind(lat)
        .fetch_all(&mut *transaction)
        .await?;
        for row in rows {
            nearest.push(
                json!({ "unit": row.try_get::<String, _>(0)?, "distance_m": row.try_get::<f64, _>(1)? }),
            );
        }
        sqlx::query("insert into recommendation values ($1, $2::jsonb)")
            .bind(id)
            .bind(serde_json::to_string(&nearest)?)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    let view =
        json!({ "device": device, "id": id, "source": source, "lon": lon, "lat": lat, "units": nearest });
    let seq = centre.seq.fetch_add(1, Ordering::Relaxed) + 1;
    let message =
        format!(r#"{{"type":"commit","prev":{},"seq":{seq},"at":{},"deltas":[{view}]}}"#, seq - 1, wall_us());
    let _ = centre.consoles.send(message.into());
    Ok(json!({ "alarm": id }).to_string())
}

async fn watch(State(centre): State<Arc<PeerCentre>>, mut request: Request) -> Response {
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let accept = key.and_then(|key| HeaderValue::from_str(&key).ok());
    let (Some(accept), Some(upgrade)) = (accept, request.extensions_mut().remove::<OnUpgrade>()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    tokio::spawn(attend(centre, upgrade));
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
}

async fn attend(centre: Arc<PeerCentre>, upgrade: OnUpgrade) {
    let mut messages = centre.consoles.subscribe();
    let Ok(upgraded) = upgrade.await else { return };
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    while let Ok(message) = messages.recv().await {
        if socket.send(Message::Text(message)).await.is_err() {
            return;
        }
    }
}
