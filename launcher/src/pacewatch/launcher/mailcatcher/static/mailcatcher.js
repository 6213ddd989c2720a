// The mailcatcher page. All content of a mail is inserted as text, never as markup. HTML mails are shown in the sandboxed frame.
"use strict";

const REFRESH_MS = 2000;
const LABELS = { html: "HTML", plain: "Plain", source: "Source" };
const byId = (id) => document.getElementById(id);
let renderedList = "";
let selectedMail = null;

function element(tag, text, attributes = {}) {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const selectedId = () => Number(location.hash.slice(1)) || null;
const stripBrackets = (address) => address.replace(/^<|>$/g, "");
const recipientNames = (mail) => mail.recipients.map(stripBrackets).join(", ");
const localTime = (stamp) => new Date(stamp).toLocaleString();

function listItem(mail) {
  const link = element("a", "", { href: `#${mail.id}` });
  if (mail.id === selectedId()) link.setAttribute("aria-current", "true");
  link.append(element("strong", mail.subject || "(no subject)"), element("span", recipientNames(mail)));
  link.append(element("span", localTime(mail.created_at)));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function showList(mails) {
  const state = JSON.stringify([mails, selectedId()]);
  if (state === renderedList) return;
  renderedList = state;
  const focused = document.activeElement?.closest("nav a")?.getAttribute("href");
  byId("list").replaceChildren(...mails.toReversed().map(listItem));
  if (focused) byId("list").querySelector(`a[href="${focused}"]`)?.focus();
  byId("clear").hidden = mails.length === 0;
  byId("status").textContent = mails.length === 1 ? "1 mail" : `${mails.length} mails`;
  document.title = mails.length ? `(${mails.length}) Mailcatcher` : "Mailcatcher";
}

async function refresh() {
  try {
    const response = await fetch("/messages");
    if (!response.ok) throw new Error(response.statusText);
    showList(await response.json());
  } catch {
    renderedList = "";
    byId("status").textContent = "The mailcatcher does not answer. Trying again.";
  }
}

function showAs(mail, format) {
  byId("body").src = `/messages/${mail.id}.${format}`;
  for (const button of byId("formats").children) {
    button.setAttribute("aria-pressed", String(button.dataset.format === format));
  }
}

function formatButton(mail, format) {
  const button = element("button", LABELS[format], { type: "button", "data-format": format });
  button.addEventListener("click", () => showAs(mail, format));
  return button;
}

function attachmentItem(attachment) {
  const item = document.createElement("li");
  item.append(element("a", attachment.filename || attachment.cid, { href: attachment.href, download: "" }));
  return item;
}

function showMail(mail) {
  selectedMail = mail;
  byId("hint").hidden = mail !== null;
  byId("mail").hidden = mail === null;
  if (mail === null) return;
  byId("subject").textContent = mail.subject || "(no subject)";
  byId("sender").textContent = stripBrackets(mail.sender);
  byId("recipients").textContent = recipientNames(mail);
  byId("received").textContent = localTime(mail.created_at);
  byId("attachments").replaceChildren(...mail.attachments.map(attachmentItem));
  const formats = Object.keys(LABELS).filter((format) => mail.formats.includes(format));
  byId("formats").replaceChildren(...formats.map((format) => formatButton(mail, format)));
  showAs(mail, formats[0]);
}

async function showSelected() {
  const id = selectedId();
  const response = id && (await fetch(`/messages/${id}.json`));
  showMail(response?.ok ? await response.json() : null);
  await refresh();
}

async function remove(path) {
  await fetch(path, { method: "DELETE" });
  if (location.hash) location.hash = "";
  else await refresh();
}

byId("delete").addEventListener("click", () => remove(`/messages/${selectedMail.id}`));
byId("clear").addEventListener("click", () => confirm("Delete all mails?") && remove("/messages"));
addEventListener("hashchange", showSelected);
setInterval(() => document.hidden || refresh(), REFRESH_MS);
showSelected();
