// What an incident's panel shows below its head, from top to bottom. A panel of a new subject is a component in that
// subject's folder, which takes the incident and draws nothing where it has nothing to say, and one line here.
import type { Component } from "svelte";
import type { Incident } from "../../wire/views";
import AutomaticOrder from "../order/AutomaticOrder.svelte";
import Candidates from "../order/Candidates.svelte";
import Orders from "../order/Orders.svelte";
import Reminders from "../reminder/Reminders.svelte";
import Claim from "./Claim.svelte";
import Classify from "./Classify.svelte";
import Feedback from "./Feedback.svelte";
import IncidentFacts from "./IncidentFacts.svelte";
import IncidentPlace from "./IncidentPlace.svelte";
import MoreIncident from "./MoreIncident.svelte";
import Note from "./Note.svelte";
import Said from "./Said.svelte";
import Timeline from "./Timeline.svelte";

interface Panel {
  panel: Component<{ incident: Incident }>;
  /** Whether it belongs to the incident as it stands. */
  when: (incident: Incident) => boolean;
}

const always = () => true;
const active = ({ state }: Incident) => state === "active";

export const PANELS: readonly Panel[] = [
  { panel: AutomaticOrder, when: active },
  { panel: IncidentFacts, when: always },
  { panel: Classify, when: active },
  { panel: IncidentPlace, when: active },
  { panel: Said, when: always },
  { panel: Claim, when: active },
  { panel: Orders, when: always },
  { panel: Candidates, when: active },
  { panel: Feedback, when: active },
  { panel: Note, when: active },
  { panel: Reminders, when: always },
  { panel: MoreIncident, when: always },
  { panel: Timeline, when: always },
];
