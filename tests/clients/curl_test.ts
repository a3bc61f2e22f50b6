/**
 * curl on our servers. It keeps sessions by host and port; as the balancer's port stands
 * for both servers, it proposes to one what the other made.
 *
 * @module
 */
import { it } from "@std/testing/bdd";
import { Fleet, only } from "../support/fleet.ts";
import { fetchTwice } from "../support/curl.ts";
import { describeWith } from "../support/programs.ts";

describeWith("curl", "curl", () => {
  it("resumes on the other server with TLSv1.3", async () => {
    await using fleet = new Fleet(only("TLSv1.3"));
    await fetchTwice(fleet);
    await fleet.assertResumed("TLSv1.3");
  });

  it("resumes on the other server with TLSv1.2", async () => {
    await using fleet = new Fleet(only("TLSv1.2"));
    await fetchTwice(fleet, ["--tls-max", "1.2"]);
    await fleet.assertResumed("TLSv1.2");
  });

  it("resumes TLSv1.2 where it would have spoken TLSv1.3", async () => {
    await using fleet = new Fleet(only("TLSv1.2"));
    await fetchTwice(fleet);
    // Its first hello has a random id, for middleboxes (RFC 8446, appendix D.4).
    await fleet.assertResumed("TLSv1.2", "unknown-id");
  });
});
