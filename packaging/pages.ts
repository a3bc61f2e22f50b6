/** The pages of npm's package: those of the repository, without links to what isn't in it. */
import { posix } from "node:path";

/**
 * A page whose relative links lead to files of the package; of others their text is left.
 *
 * @param page The page's path.
 * @param text What it says, in Markdown.
 * @param files The paths of the package's files.
 */
export function withLinksWithin(
  page: string,
  text: string,
  files: ReadonlySet<string>,
): string {
  return text.replace(
    /(!?)\[([^\][]*)\]\(([^)\s]+)\)/g,
    (whole, image, label, link) => {
      const [file = ""] = link.split("#");
      if (file === "" || /^[a-z]+:/.test(link)) return whole;
      const target = posix.join(posix.dirname(page), file);
      if (files.has(target)) return whole;
      return image ? "" : label;
    },
  );
}
