import { expect, test } from "vitest";
import { nameIn, shortName } from "./names";

test("a name is shown in the language asked for, else in any it has", () => {
  expect(nameIn({ zh: "正蓝旗", en: "Zhenglan Banner" }, "en")).toBe("Zhenglan Banner");
  expect(nameIn({ zh: "陶力嘎查" }, "en")).toBe("陶力嘎查");
  expect(nameIn(null, "en", "152530")).toBe("152530");
});

test("a short name leaves out brackets and the word for its kind", () => {
  expect(shortName("Zhenglan (Plain Blue) Banner", "Banner")).toBe("Zhenglan");
  expect(shortName("Xilinhot City", "Banner")).toBe("Xilinhot City");
  expect(shortName("正蓝旗", "旗县市")).toBe("正蓝旗");
  expect(shortName("Banner", "Banner")).toBe("Banner");
});
