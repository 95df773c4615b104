// Everything of the console that is not needed before the first row shows, in one file that is fetched right after.
export { default as AlarmPanel } from "../alarm/AlarmPanel.svelte";
export { default as CheatSheet } from "./CheatSheet.svelte";
export { default as ClockDoubt } from "./ClockDoubt.svelte";
export { default as IncidentPanel } from "../incident/IncidentPanel.svelte";
export { default as LossStrip } from "./LossStrip.svelte";
export { default as MapView } from "../map/MapView.svelte";
export { default as NoticeList } from "./NoticeList.svelte";
export { default as Overview } from "./Overview.svelte";
export { default as PickList } from "./PickList.svelte";
export { default as PointPanel } from "../place/PointPanel.svelte";
export { default as RateStrip } from "../queue/RateStrip.svelte";
export { default as SeatChooser } from "./SeatChooser.svelte";
export { default as ShiftOffer } from "../shift/ShiftOffer.svelte";
export { default as Technicals } from "../technical/Technicals.svelte";
export { default as Twin } from "../map/Twin.svelte";
export { default as UnitPanel } from "../unit/UnitPanel.svelte";
export { desktop } from "../../store/workplace/desktop.svelte";
