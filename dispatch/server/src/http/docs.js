"use strict";
const make = (tag, text, cls) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (cls) node.className = cls;
  return node;
};
// References are replaced by what they refer to, once on each way down, so that a schema reads as a whole.
const resolve = (doc, schema, seen = []) => {
  if (Array.isArray(schema)) return schema.map((item) => resolve(doc, item, seen));
  if (typeof schema !== "object" || schema === null) return schema;
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return seen.includes(name) ? { see: name } : resolve(doc, doc.components.schemas[name], [...seen, name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(doc, value, seen)]));
};
const schemaOf = (content) => Object.values(content ?? {})[0]?.schema;
const route = (doc, path, method, operation) => {
  const box = make("details");
  box.dataset.text = `${method} ${path} ${operation.summary}`.toLowerCase();
  const head = make("summary");
  head.append(make("span", method.toUpperCase(), "method"), make("code", doc.servers[0].url + path));
  head.append(make("span", operation.summary, "about"));
  box.append(head);
  box.addEventListener("toggle", () => {
    if (box.childElementCount > 1) return;
    const table = make("table");
    for (const parameter of operation.parameters ?? []) {
      const row = table.insertRow();
      row.append(make("td", parameter.name), make("td", parameter.in), make("td", parameter.description ?? ""));
    }
    box.append(table);
    const body = schemaOf(operation.requestBody?.content);
    if (body) box.append(make("div", "Body"), make("pre", JSON.stringify(resolve(doc, body), null, 1)));
    for (const [status, answer] of Object.entries(operation.responses)) {
      const schema = schemaOf(answer.content);
      box.append(make("div", `${status} ${answer.description}`));
      if (schema) box.append(make("pre", JSON.stringify(resolve(doc, schema), null, 1)));
    }
  });
  return box;
};
fetch("openapi.json").then((answer) => answer.json()).then((doc) => {
  document.getElementById("about").textContent = doc.info.description;
  const groups = new Map();
  for (const [path, item] of Object.entries(doc.paths))
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(route(doc, path, method, operation));
    }
  for (const [tag, routes] of [...groups].sort()) document.getElementById("routes").append(make("h2", tag), ...routes);
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const box of document.querySelectorAll("details")) box.hidden = !box.dataset.text.includes(wanted);
  });
});
