// Stands in for the real runner: the words in an answer decide what it says; what it was asked is in `asked`.
const REPORTS = {}; // small_practice.py writes real reports into it

export class Runner {
  constructor(base) {
    globalThis.asked = { base, warmed: 0, checked: [] };
  }

  async warm({ onProgress }) {
    globalThis.asked.warmed += 1;
    onProgress({ loaded: 3.1e6, total: 6.3e6 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    onProgress({ loaded: 6.3e6, total: 6.3e6 });
  }

  async check(name, source) {
    globalThis.asked.checked.push([name, source]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [status] = Object.keys(REPORTS).filter((word) => source.includes(word.toUpperCase()));
    const printed = source.includes("PRINT") ? `${"line ".repeat(100)}\n`.repeat(100) : "";
    if (source.includes("NotImplementedError")) return { ...REPORTS["not attempted"], printed };
    return { ...REPORTS[status ?? "failed"], printed };
  }

  close() {}
}
