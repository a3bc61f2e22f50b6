import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TracedLab } from "../../support/traced.ts";

const lab = new TracedLab();

describe("Trace.toHtml()", () => {
  it("is one page that needs nothing else and runs nothing", () => {
    using traced = lab.connect();
    const html = traced.trace.toHtml();
    assertMatch(html, /^<!doctype html>\n<html lang="en">/);
    assert(html.includes("default-src 'none'; style-src 'unsafe-inline'"));
    assertEquals(/<script|\son\w+=|javascript:/i.test(html), false);
    assertEquals(/https?:|\ssrc=|\shref=|url\(|@import/i.test(html), false);
    assert(html.includes("prefers-color-scheme: dark"));
  });

  it("shows each message, its fields and the seed", () => {
    using traced = lab.connect();
    const { trace } = traced;
    const html = trace.toHtml();
    const titles = [...html.matchAll(/<summary [^>]*><b>([^<]*)<\/b>/g)]
      .map(([, title]) => title);
    assertEquals(
      titles.filter((title) => title !== "ChangeCipherSpec"),
      trace.messages().map(({ message }) => message.name),
    );
    assert(html.includes("<dt>cipherSuites</dt>"));
    assert(html.includes("<li>TLS_AES_128_GCM_SHA256</li>"));
    assert(html.includes("seed: <code>&quot;traced&quot;</code>"));
    assert(html.includes("server: open, not resumed: none-offered"));
  });

  it("escapes whatever it is told", () => {
    const attack = `<img src=x onerror="alert('1')">&amp;`;
    using traced = lab.connect({
      recorder: { seed: attack },
      client: { alpnProtocols: [attack] },
    });
    traced.recorder.note(attack);
    const html = traced.trace.toHtml();
    assertEquals(html.includes("<img"), false);
    assertEquals(
      html.split(
        "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;",
      )
        .length > 3,
      true,
    );
  });

  it("closes every element that it opens", () => {
    using traced = lab.connect({ engine: { hostname: "example.com" } });
    traced.recorder.note("the end");
    const html = traced.trace.toHtml();
    assert(html.includes("fatal alert: bad_certificate"));
    assert(html.includes("not received"));
    for (
      const name of ["section", "details", "summary", "dl", "ol", "ul", "li"]
    ) {
      const opened = html.match(new RegExp(`<${name}[ >]`, "g"))?.length;
      const closed = html.match(new RegExp(`</${name}>`, "g"))?.length;
      assertEquals(opened, closed, name);
    }
  });
});
