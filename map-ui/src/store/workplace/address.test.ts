import { describe, expect, test } from "vitest";
import { readAddress, writeAddress } from "./address";

describe("an address", () => {
  test("is read back as it was written", () => {
    const address = {
      view: "wall",
      classes: ["police", "medical"],
      label: ["call_sign", "order"],
      table: true,
      center: [116.0856, 43.9487],
      zoom: 6.25,
      layers: ["units", "beats"],
      filter: "mine",
      selected: { kind: "unit", id: "1525:02 蒙H1043" },
      lang: "en",
      theme: "day",
      freeze: true,
    } as const;
    expect(readAddress(writeAddress(address))).toEqual(address);
  });
  test("with nothing in it is empty", () => {
    expect(writeAddress({ freeze: false })).toBe("");
    expect(readAddress("")).toEqual({ freeze: false });
  });
  test("leaves out what it does not understand", () => {
    expect(readAddress("?c=here&z=&lang=fr&sel=ghost:1&theme=pink&filter=x&layers=units,nothing")).toEqual({
      layers: ["units"],
      freeze: false,
    });
  });
  test("no more than three words are written beside a unit", () => {
    expect(readAddress("?label=order,class,status,plate").label).toEqual(["plate", "status", "class"]);
  });
  test("all layers off is not the same as nothing said", () => {
    expect(readAddress("?layers=").layers).toEqual([]);
  });
});
