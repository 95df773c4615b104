// The console's page: styles, words, one component: the operator's console or the wall.
import { mount } from "svelte";
import { language } from "../i18n/catalogue.svelte";
import { readAddress } from "../store/workplace/address";
import { preferences } from "../store/workplace/preferences.svelte";
import "../theme/tokens.css";
import "./frame/panel.css";

const asked = new URLSearchParams(location.search).get("lang");
await (asked === "zh" || asked === "en" ? preferences.speak(asked) : language.speak(preferences.first));
const wall = readAddress(location.search).view === "wall";
const { default: Page } = wall ? await import("./wall/Wall.svelte") : await import("./frame/Console.svelte");
const target = document.getElementById("app");
if (target) mount(Page, { target });
