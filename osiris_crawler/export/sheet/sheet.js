"use strict";
// One article at a time is shown. Verdicts are kept by the browser under the sample's key, and saved as files by hand.
(() => {
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const words = facts.words, kinds = facts.verdicts, keys = "rwmi?";
  const articles = [...document.querySelectorAll("article")];
  const store = "osiris-sample-" + facts.sample;
  let verdicts = {}, keeps = true, unsaved = false, at = 0, field = 0, asText = false;

  const make = (tag, properties = {}, ...children) => {
    const { data = {}, ...rest } = properties;
    const element = Object.assign(document.createElement(tag), rest);
    Object.assign(element.dataset, data);
    element.append(...children);
    return element;
  };
  const fill = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const fieldsOf = (article) => [...article.querySelectorAll(".field")];
  const place = (number, name) => number + " " + name;
  const given = (number, name) => verdicts[place(number, name)] || {};
  const fits = (section, kind) =>
    "empty" in section.dataset ? kind !== "wrong" && kind !== "invented" : kind !== "missing";
  const open = (number) => facts.fields.filter((name) => !given(number, name).verdict).length;

  // -- what is kept ---------------------------------------------------------------------------------------------------

  try {
    verdicts = JSON.parse(localStorage.getItem(store) || "{}");
    localStorage.setItem(store, JSON.stringify(verdicts));
  } catch {
    keeps = false;
  }
  const keep = () => {
    unsaved = true;
    try {
      localStorage.setItem(store, JSON.stringify(verdicts));
    } catch {
      keeps = false;
      warning.hidden = false;
    }
  };
  addEventListener("beforeunload", (event) => {
    if (!keeps && unsaved) event.preventDefault();
  });

  const rows = () =>
    articles.flatMap((article, i) =>
      facts.fields
        .filter((name) => given(i + 1, name).verdict || given(i + 1, name).note)
        .map((name) => ({
          number: i + 1, id: article.dataset.id, field: name,
          verdict: given(i + 1, name).verdict || "", note: given(i + 1, name).note || "",
        })));
  const save = (name, type, text) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    unsaved = false;
  };
  const saveJson = () => {
    const lines = rows().map((row) => "    " + JSON.stringify(row)).join(",\n");
    save("scores.json", "application/json", `{"sample": "${facts.sample}", "verdicts": [\n${lines}\n]}\n`);
  };
  const saveCsv = () => {
    const columns = facts.columns.filter((name) => name !== "read");
    const cell = (text) => {
      const plain = /^[=+\-@\t\r\n]/.test(text) ? "'" + text : String(text);
      return /[",;\r\n\t]/.test(plain) ? '"' + plain.replaceAll('"', '""') + '"' : plain;
    };
    const line = (row) => columns.map((name) => cell(row[name])).join(",");
    const lines = rows().map((row) => line({ ...row, sample: facts.sample }));
    save("scores.csv", "text/csv", "\ufeff" + [columns.join(","), ...lines, ""].join("\r\n"));
  };
  const load = async (file) => {
    let found;
    try {
      found = JSON.parse(await file.text());
      if (found.sample !== facts.sample) return alert(words.foreign);
      for (const row of found.verdicts) {
        const article = articles[row.number - 1];
        if (!article || article.dataset.id !== row.id || !facts.fields.includes(row.field)) throw row;
        const section = article.querySelector(`.field[data-field="${row.field}"]`);
        if (row.verdict && !(kinds.includes(row.verdict) && fits(section, row.verdict))) throw row;
      }
    } catch {
      return alert(words.damaged);
    }
    for (const row of found.verdicts) {
      verdicts[place(row.number, row.field)] = { verdict: row.verdict, note: String(row.note || "") };
    }
    keep();
    location.reload();
  };

  // -- the bar --------------------------------------------------------------------------------------------------------

  const button = (text, action, key) =>
    make("button", { type: "button", onclick: action, title: key ? `${text} (${key})` : text }, text);
  const progress = make("progress", { max: articles.length * facts.fields.length, value: 0 });
  const told = make("span", { className: "told" });
  const here = make("span", { className: "here" });
  const warning = make("p", { className: "note", hidden: keeps }, words.unsaved);
  const overview = make("nav", { className: "overview", hidden: true });
  const help = make("ul", { className: "help", hidden: true }, ...words.keys.map((text) => make("li", {}, text)));
  const chosen = make("input", { type: "file", accept: ".json", hidden: true });
  chosen.onchange = () => chosen.files[0] && load(chosen.files[0]);
  const arrow = (sign, label, action, key) => {
    const found = button(sign, action, key);
    found.setAttribute("aria-label", label);
    found.title = `${label} (${key})`;
    return found;
  };
  const bar = document.getElementById("bar");
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--bar", bar.offsetHeight + "px");
  }).observe(bar);
  bar.append(
    make("div", { className: "row" },
      arrow("‹", words.previous, () => show(at - 1), "p"), here, arrow("›", words.next, () => show(at + 1), "n"),
      button(words.open, () => nextOpen(), "o"), button(words.rest, () => rest(), "a"),
      make("span", { className: "state" }, progress, told)),
    make("div", { className: "row more" },
      button(words.overview, () => { overview.hidden = !overview.hidden; list(); }),
      button(words.help, () => { help.hidden = !help.hidden; }),
      button(words.save_json, saveJson), button(words.save_csv, saveCsv),
      button(words.load, () => chosen.click()), button(words.all, () => showAll()), chosen),
    warning, help, overview);

  const list = () => {
    if (overview.hidden) return;
    overview.replaceChildren(...articles.map((article, i) => {
      const left = open(i + 1);
      const link = button(String(i + 1), () => show(i));
      link.className = left === 0 ? "done" : left < facts.fields.length ? "begun" : "";
      link.title = article.querySelector("h1").textContent.trim();
      if (i === at) link.setAttribute("aria-current", "true");
      return link;
    }));
  };
  const tell = () => {
    const left = articles.map((_, i) => open(i + 1));
    const done = progress.max - left.reduce((sum, count) => sum + count, 0);
    progress.value = done;
    told.textContent = fill(words.progress,
      { articles: left.filter((count) => count === 0).length, all: articles.length, fields: done });
    here.textContent = fill(words.article, { number: at + 1, all: articles.length });
    list();
  };

  // -- verdicts -------------------------------------------------------------------------------------------------------

  const controls = (article, number) => {
    if (article.dataset.ready) return;
    article.dataset.ready = "yes";
    for (const section of fieldsOf(article)) {
      const name = section.dataset.field;
      const choices = kinds.map((kind, i) => {
        const input = make("input", {
          type: "radio", name: "v" + number + name, value: kind, disabled: !fits(section, kind),
          onchange: () => { focus(fieldsOf(article).indexOf(section)); set(kind); },
        });
        return make("label", { title: words.meant[i], className: kind }, input,
          make("span", {}, words.labels[i], " ", make("kbd", {}, keys[i])));
      });
      const note = make("input", {
        type: "text", className: "said", placeholder: words.note, value: given(number, name).note || "", maxLength: 1000,
        onchange: () => {
          verdicts[place(number, name)] = { ...given(number, name), note: note.value };
          keep();
        },
      });
      note.setAttribute("aria-label", words.note);
      const set_ = make("fieldset", { className: "choices" }, ...choices, note);
      set_.setAttribute("aria-label", section.querySelector("h2").textContent);
      section.append(set_);
      section.addEventListener("click", () => focus(fieldsOf(article).indexOf(section), false));
    }
    mark(article, number);
  };
  const mark = (article, number) => {
    for (const section of fieldsOf(article)) {
      const verdict = given(number, section.dataset.field).verdict || "";
      section.dataset.verdict = verdict;
      for (const input of section.querySelectorAll("input[type=radio]")) input.checked = input.value === verdict;
    }
  };
  const put = (number, section, verdict) => {
    verdicts[place(number, section.dataset.field)] = { ...given(number, section.dataset.field), verdict };
  };
  const set = (verdict) => {
    const section = fieldsOf(articles[at])[field];
    if (verdict && !fits(section, verdict)) return;
    put(at + 1, section, verdict);
    keep();
    mark(articles[at], at + 1);
    tell();
    if (verdict) onwards();
  };
  const onwards = () => {
    const sections = fieldsOf(articles[at]);
    const following = [...sections.keys()].slice(field + 1).find((i) => !sections[i].dataset.verdict);
    if (following !== undefined) focus(following);
  };
  const rest = () => {
    for (const section of fieldsOf(articles[at])) if (!section.dataset.verdict) put(at + 1, section, "right");
    keep();
    mark(articles[at], at + 1);
    tell();
  };
  const nextOpen = () => {
    for (let step = 0; step <= articles.length; step++) {
      const i = (at + step) % articles.length;
      if (!open(i + 1)) continue;
      show(i);
      focus(fieldsOf(articles[i]).findIndex((section) => !section.dataset.verdict));
      return;
    }
  };
  const focus = (index, scroll = true) => {
    const sections = fieldsOf(articles[at]);
    field = Math.max(0, Math.min(sections.length - 1, index));
    sections.forEach((section, i) => section.classList.toggle("current", i === field));
    if (scroll) sections[field].scrollIntoView({ block: "nearest" });
  };

  // -- the captured page ----------------------------------------------------------------------------------------------

  const guard = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\';'
    + ' base-uri \'none\'; form-action \'none\'"><meta http-equiv="x-dns-prefetch-control" content="off">'
    + "<style>a[data-href]{color:#00e;text-decoration:underline}img{outline:1px dotted #888}"
    + "a[data-href]:hover::after{content:' ⟨' attr(data-href) '⟩'}</style>";

  const unpacked = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  };
  // Pages are parsed apart from this one: nothing of them runs, nothing of them is loaded.
  const parsed = (source) => new DOMParser().parseFromString(source, "text/html");
  // A browser connects to the host of a frame or of a link that is followed before it asks the policy.
  const inert = (page) => {
    for (const one of page.querySelectorAll("script,iframe,frame,portal,fencedframe,object,embed,link,base,meta")) one.remove();
    for (const one of page.querySelectorAll("[*|href]")) {
      for (const { name, value } of [...one.attributes]) {
        if (!/(^|:)href$/i.test(name)) continue;
        one.removeAttribute(name);
        one.setAttribute("data-href", value);
      }
    }
    return page.documentElement.outerHTML;
  };
  const textOf = (page, url) => {
    const address = (value, base) => {
      try { return new URL(value, base).href; } catch { return value; }
    };
    const told = page.querySelector("base[href]");
    const base = told ? address(told.getAttribute("href"), url) : url;
    const block = /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BR|CENTER|DD|DIV|DL|DT|FIELDSET|FIGURE|FOOTER|FORM|H[1-6]|HEADER|HR|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TR|UL)$/;
    const out = [];
    const walk = (top) => {  // without recursion: pages may be nested deeply
      const stack = [[top, false]];
      while (stack.length) {
        const [node, left] = stack.pop();
        if (node.nodeType === 3) out.push(node.data.replace(/[ \t\r\n]+/g, " "));
        if (node.nodeType !== 1 || /^(SCRIPT|STYLE|TEMPLATE)$/i.test(node.tagName)) continue;
        if (left) {
          if (node.tagName === "A" && node.hasAttribute("href")) out.push(` ⟨${address(node.getAttribute("href"), base)}⟩`);
          if (block.test(node.tagName)) out.push("\n");
          if (/^T[DH]$/.test(node.tagName)) out.push("\t");
          continue;
        }
        if (block.test(node.tagName)) out.push("\n");
        if (node.tagName === "IMG") out.push(` [${node.alt} ⟨${address(node.getAttribute("src") || "", base)}⟩] `);
        stack.push([node, true]);
        for (let child = node.lastChild; child; child = child.previousSibling) stack.push([child, false]);
      }
    };
    walk(page.documentElement);
    return out.join("").replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
  };
  // Only what is looked at has a frame: hundreds of pages would fill the browser's memory.
  const reveal = async (article, framed = true) => {
    const captured = article.querySelector(".captured");
    if (!captured.textContent || article.revealed) return;
    const turn = article.revealed = {};
    const view = make("div", { className: "view" });
    try {
      const page = parsed(await unpacked(captured.textContent));
      if (article.revealed !== turn) return;
      const text = make("pre", { className: "text", tabIndex: 0 }, textOf(page, article.dataset.url));
      const choose = (which) => {
        asText = which;
        view.classList.toggle("as-text", which || !framed);
        buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(Boolean(i) === which)));
      };
      const buttons = [button(words.page, () => choose(false), "t"), button(words.text, () => choose(true), "t")];
      article.turn = () => choose(!asText);
      if (framed) {
        const frame = make("iframe", { title: words.captured });
        frame.setAttribute("sandbox", "");
        frame.setAttribute("referrerpolicy", "no-referrer");
        frame.srcdoc = guard + inert(page);
        view.append(make("div", { className: "row" }, ...buttons), frame);
      }
      view.append(text);
      choose(asText);
    } catch {
      view.append(make("p", { className: "note" }, words.old));
    }
    captured.parentElement.append(view);
  };
  const conceal = (article) => {
    article.revealed = article.turn = null;
    for (const view of article.querySelectorAll(".view")) view.remove();
  };

  // -- moving ---------------------------------------------------------------------------------------------------------

  const show = (index) => {
    document.body.classList.remove("all");
    at = Math.max(0, Math.min(articles.length - 1, index));
    articles.forEach((article, i) => {
      article.hidden = i !== at;
      conceal(article);
    });
    controls(articles[at], at + 1);
    reveal(articles[at]);
    const first = fieldsOf(articles[at]).findIndex((section) => !section.dataset.verdict);
    focus(Math.max(0, first), false);
    scrollTo(0, 0);
    tell();
    history.replaceState(null, "", "#a" + (at + 1));
  };
  const showAll = async () => {
    if (document.body.classList.toggle("all")) {
      for (const [i, article] of articles.entries()) {
        article.hidden = false;
        conceal(article);
        controls(article, i + 1);
        await reveal(article, false);
      }
    } else show(at);
  };
  // In the list of all, whatever is touched becomes the article that the keys are for.
  addEventListener("click", (event) => {
    const article = event.target.closest && event.target.closest("article");
    if (article && document.body.classList.contains("all")) at = articles.indexOf(article);
  }, true);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input[type=text]")) {
      if (event.key === "Escape" || event.key === "Enter") event.target.blur();
      return;
    }
    const section = fieldsOf(articles[at])[field];
    const kind = kinds[keys.indexOf(event.key)] || kinds["12345".indexOf(event.key)];
    const actions = {
      j: () => focus(field + 1), k: () => focus(field - 1), n: () => show(at + 1), p: () => show(at - 1),
      a: rest, o: nextOpen, x: () => set(""), e: () => section.querySelector(".said").focus(),
      t: () => articles[at].turn && articles[at].turn(),
    };
    const action = kind ? () => set(kind) : Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const asked = /^#a(\d+)$/.exec(location.hash);
  const unfinished = articles.findIndex((_, i) => open(i + 1) > 0);
  show(asked ? Number(asked[1]) - 1 : Math.max(0, unfinished));
})();
