import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import puppeteer from "puppeteer-core";
import { auditHtml } from "../../../src/audit/report/html.ts";
import { probes } from "../../../src/audit/probes/mod.ts";
import { referenceUrl } from "../../../src/audit/report/references.ts";
import { pathOf } from "../../docs/playground/browsers.ts";
import { describeWith } from "../../support/programs.ts";
import { TracedLab } from "../../support/traced.ts";
import { finding, hostileReport, realReport, reports } from "./sample.ts";

describe("auditHtml", () => {
  it("is one page that needs nothing else and runs nothing", () => {
    const html = auditHtml([...reports(), hostileReport()]);
    assert(html.startsWith('<!doctype html>\n<html lang="en">'));
    assert(html.includes("default-src 'none'; style-src 'unsafe-inline'"));
    assertEquals(/<script|<img|<[^>]*\son\w+=|javascript:/i.test(html), false);
    assertEquals(/<[^>]*\ssrc=|url\(|@import|<link/i.test(html), false);
    assertEquals(html.replaceAll("\n", "").match(/\p{C}/gu), null);
  });

  it("closes every element that it opens", async () => {
    const real = await realReport();
    const html = auditHtml([...reports(), hostileReport(), real]);
    for (
      const name of [
        ...["section", "article", "details", "summary", "dl", "ul", "li"],
        ...["div", "span", "p", "a", "main", "nav", "code", "small", "h3"],
      ]
    ) {
      const opened = html.match(new RegExp(`<${name}[ >]`, "g"))?.length;
      const closed = html.match(new RegExp(`</${name}>`, "g"))?.length;
      assertEquals(opened, closed, name);
    }
  });

  it("has what failed first, with its connections, and folds what passed", () => {
    const html = auditHtml(reports());
    const at = (text: string): number => {
      assert(html.includes(text), text);
      return html.indexOf(text);
    };
    const order = [
      at("A binder of another hash"),
      at("A session is resumed under its own name"),
      at("The lifetime is a day or less"),
      at("A hello in pieces is resumed"),
      at("<summary>Passed (2)</summary>"),
      at("<summary>Not applicable (2)</summary>"),
    ];
    assertEquals(order, order.toSorted((a, b) => a - b));
    assertEquals(html.match(/<div class="ladder">/g)?.length, 3);
    at('<a href="#server-1">[2001:db8::1]:8443</a>');
    at('href="https://www.rfc-editor.org/rfc/rfc6066#section-3"');
  });

  it("says when an audit began, if the report does", () => {
    const [report] = reports();
    assert(report);
    assert(!auditHtml([report]).includes("<time"));
    const startedAt = Date.UTC(2026, 10, 27, 8, 40, 59);
    const html = auditHtml([{ ...report, startedAt }]);
    assert(html.includes(">2026-11-27 08:40 UTC</time>"), html);
  });

  it("has records of application data that follow each other as one", () => {
    const lab = new TracedLab();
    using traced = lab.connect();
    for (const _ of [1, 2, 3]) traced.server.write(new Uint8Array(100));
    traced.exchange();
    const evidence = [{ title: "Three records", trace: traced.trace }];
    const html = auditHtml([{
      server: "it",
      findings: [finding({ verdict: "fail", evidence })],
    }]);
    assertEquals(html.match(/<b>[^<]*application data<\/b>/g), [
      "<b>3 × application data</b>",
    ]);
  });

  it("says why it matters, of the audit's own probes", () => {
    const of = (probe: string): string => {
      const failed = finding({ probe, verdict: "fail" });
      return auditHtml([{ server: "it", findings: [failed] }]);
    };
    const [own] = probes;
    assert(own !== undefined);
    assert(of(own.id).includes(`<p><b>Why:</b> ${own.explain.why}</p>`));
    assertEquals(of("proof/of-another").includes("Why:"), false);
  });

  it("links to what it knows alone", () => {
    assertEquals(
      [
        "RFC 8446",
        "RFC 8446, 4.2.11",
        "RFC 8446, E.5",
        "CVE-2025-23419",
        "Envoy 47219",
        "RFC 8446 <script>",
        "https://example.com",
      ].map(referenceUrl),
      [
        "https://www.rfc-editor.org/rfc/rfc8446",
        "https://www.rfc-editor.org/rfc/rfc8446#section-4.2.11",
        "https://www.rfc-editor.org/rfc/rfc8446#appendix-E.5",
        "https://www.cve.org/CVERecord?id=CVE-2025-23419",
        "https://github.com/envoyproxy/envoy/pull/47219",
        undefined,
        undefined,
      ],
    );
  });
});

describeWith("chromium", "The page of auditHtml, in a browser", () => {
  it("is no wider than a phone, with all unfolded, in light and in dark", async () => {
    const browser = await puppeteer.launch({
      executablePath: pathOf("chromium"),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      const colours = new Set<unknown>();
      for (const value of ["light", "dark"]) {
        await page.emulateMediaFeatures([
          { name: "prefers-color-scheme", value },
        ]);
        for (const width of [320, 390, 1_200]) {
          await page.setViewport({ width, height: 800 });
          await page.setContent(auditHtml([...reports(), hostileReport()]));
          await page.evaluate(
            `document.querySelectorAll("details").forEach((d) => d.open = true)`,
          );
          assertEquals(
            await page.evaluate("document.documentElement.scrollWidth"),
            width,
          );
        }
        colours.add(
          await page.evaluate(
            "getComputedStyle(document.body).backgroundColor",
          ),
        );
      }
      assertEquals(colours.size, 2);
    } finally {
      await browser.close();
    }
  });
});
