// @ts-check
// Answers as a notebook that runs locally: the practice imports, then each answer and its check.

/**
 * @param {string} imports
 * @param {[string, string][]} answers - name of the exercise and source
 * @returns {string} the text of an .ipynb file
 */
export function notebookText(imports, answers) {
  const metadata = {};
  const code = (id, source) => ({
    cell_type: "code",
    id: id.replaceAll("_", "-"),
    metadata,
    source,
    outputs: [],
    execution_count: null,
  });
  const cells = [
    code("imports", `${imports}\nfrom cnncourse.exercises import check, hint, solution`),
    ...answers.flatMap(([name, source]) => [code(name, source), code(`${name}-check`, `check(${name})`)]),
  ];
  const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

/**
 * Let the reader save a text as a file.
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
export function saveFile(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
