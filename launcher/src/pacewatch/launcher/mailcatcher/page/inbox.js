// The inbox page. Whatever comes from a mail goes in as text, never as markup; HTML mails stay in the sandboxed frame.
"use strict";

const REFRESH_MS = 2000;
const LABELS = { html: "HTML", plain: "Plain", source: "Source" };
const byId = (id) => document.getElementById(id);
let shownList = "";
let shownMail = null;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const chosenId = () => Number(location.hash.slice(1)) || null;
const bare = (address) => address.replace(/^<|>$/g, "");
const names = (mail) => mail.recipients.map(bare).join(", ");
const localTime = (stamp) => new Date(stamp).toLocaleString();

function listItem(mail) {
  const link = element("a", "", { href: `#${mail.id}` });
  if (mail.id === chosenId()) link.setAttribute("aria-current", "true");
  link.append(element("strong", mail.subject || "(no subject)"), element("span", names(mail)));
  link.append(element("span", localTime(mail.created_at)));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function showList(mails) {
  const state = JSON.stringify([mails, chosenId()]);
  if (state === shownList) return;
  shownList = state;
  const focused = document.activeElement?.closest("nav a")?.getAttribute("href");
  byId("list").replaceChildren(...mails.toReversed().map(listItem));
  if (focused) byId("list").querySelector(`a[href="${focused}"]`)?.focus();
  byId("clear").hidden = mails.length === 0;
  byId("status").textContent = mails.length === 1 ? "1 mail" : `${mails.length} mails`;
  document.title = mails.length ? `(${mails.length}) Inbox` : "Inbox";
}

async function refresh() {
  try {
    const answer = await fetch("/messages");
    if (!answer.ok) throw new Error(answer.statusText);
    showList(await answer.json());
  } catch {
    shownList = "";
    byId("status").textContent = "The inbox does not answer; trying again.";
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
  shownMail = mail;
  byId("hint").hidden = mail !== null;
  byId("mail").hidden = mail === null;
  if (mail === null) return;
  byId("subject").textContent = mail.subject || "(no subject)";
  byId("sender").textContent = bare(mail.sender);
  byId("recipients").textContent = names(mail);
  byId("received").textContent = localTime(mail.created_at);
  byId("attachments").replaceChildren(...mail.attachments.map(attachmentItem));
  const formats = Object.keys(LABELS).filter((format) => mail.formats.includes(format));
  byId("formats").replaceChildren(...formats.map((format) => formatButton(mail, format)));
  showAs(mail, formats[0]);
}

async function choose() {
  const id = chosenId();
  const answer = id && (await fetch(`/messages/${id}.json`));
  showMail(answer?.ok ? await answer.json() : null);
  await refresh();
}

async function remove(address) {
  await fetch(address, { method: "DELETE" });
  if (location.hash) location.hash = "";
  else await refresh();
}

byId("delete").addEventListener("click", () => remove(`/messages/${shownMail.id}`));
byId("clear").addEventListener("click", () => confirm("Delete all mails?") && remove("/messages"));
addEventListener("hashchange", choose);
setInterval(() => document.hidden || refresh(), REFRESH_MS);
choose();
