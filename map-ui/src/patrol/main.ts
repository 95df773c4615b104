// The patrol page: styles, words, one component.
import { mount } from "svelte";
import { language } from "../i18n/catalogue.svelte";
import { preferences } from "../store/workplace/preferences.svelte";
import "../theme/tokens.css";
import Patrol from "./Patrol.svelte";

const asked = new URLSearchParams(location.search).get("lang");
await (asked === "zh" || asked === "en" ? preferences.speak(asked) : language.speak(preferences.first));
const target = document.getElementById("app");
if (target) mount(Patrol, { target });
