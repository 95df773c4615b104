// Sounds and speaks the news of the room, and sounds again for what nobody takes. The only place where something that
// arrives becomes a tone or a sentence read aloud.
import { t, tx } from "../../i18n/catalogue.svelte";
import { alarmPriority, digit } from "../queue/order";
import { Resound } from "../queue/resound";
import type { Tone } from "../../sound/tone";
import type { Priority } from "../../wire/views";
import { announcer } from "./announcer.svelte";
import { centreClock } from "../room/clock.svelte";
import type { News } from "../room/news";
import { queue } from "../queue/queue.svelte";
import { room } from "../room/room.svelte";
import { sound } from "./sound.svelte";
import { alarmSerial, alarmTitle, incidentTitle, placeWords, serial } from "../wording/wording";

const urgency = (sos: boolean, priority: Priority) => (sos ? 0 : digit(priority));
/** Read after every call for help. */
const ESCALATED = 4;

function tell(news: News): Tone {
  if (news.kind === "escalated") {
    const { view, level } = news;
    const [number, title] =
      "source" in view ? [alarmSerial(view), alarmTitle(view)] : [serial(view.number), incidentTitle(view)];
    const how = tx("escalation", String(Math.min(2, level)));
    announcer.say(t("announce.escalation", { number, title, how }), ESCALATED);
    return "escalation";
  }
  const { view } = news;
  const sos = news.kind === "alarm" ? news.view.source === "sos" : news.view.sos;
  const priority =
    news.kind === "alarm" ? alarmPriority(news.view, room.register?.types ?? new Map()) : news.view.priority;
  const title = news.kind === "alarm" ? alarmTitle(news.view) : incidentTitle(news.view);
  const place = placeWords(view.place, view.area);
  const key = news.kind === "alarm" ? "announce.alarm" : "announce.incident";
  const number = news.kind === "alarm" ? alarmSerial(news.view) : serial(view.number);
  announcer.say(t(key, { priority: digit(priority), number, title, place }), urgency(sos, priority));
  return sos ? "sos" : priority;
}

/** Starts to sound and speak; returns how to stop. */
export function alertOnNews(): () => void {
  sound.unlock();
  room.listen((all) => sound.play(...all.map(tell)));
  const resound = new Resound();
  const again = setInterval(() => {
    const due = resound.due(queue.open, centreClock.exact());
    if (due.length > 0) sound.play(...due.map((row): Tone => (row.sos ? "sos" : "p1")));
  }, 1000);
  return () => clearInterval(again);
}
