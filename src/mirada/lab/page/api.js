// @ts-check
/** Requests to the lab's server: JSON, bytes, and events as they happen. */

import { language, t } from "../../views/language.js";

/** A change that would mend what was refused: its words, and the network with it.
 *
 * @typedef {{message: string, network: string}} Remedy
 */

/** What the server refuses, in the language in use; `code` never changes. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string} code
   * @param {number} status
   * @param {Remedy | null} [remedy]
   */
  constructor(message, code, status, remedy = null) {
    super(message);
    this.code = code;
    this.status = status;
    this.remedy = remedy;
  }
}

/** The words of what was refused; a fault of our own is thrown on. @param {unknown} error */
export function refusalText(error) {
  if (error instanceof Refusal) return error.message;
  throw error;
}

/**
 * Events: "lost" when the server does not answer, "found" when it does again, and
 * "stranger" when it does not know the token, because it was started anew.
 */
export class Api extends EventTarget {
  /** @param {string} token */
  constructor(token) {
    super();
    this.token = token;
    this.isLost = false;
  }

  /** @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
  async get(path, signal) {
    return (await this.fetch("GET", path, undefined, signal)).json();
  }

  /** @param {string} path @param {object} [value] @param {AbortSignal} [signal] @returns {Promise<any>} */
  async post(path, value = {}, signal) {
    return (await this.fetch("POST", path, value, signal)).json();
  }

  /**
   * @param {string} path
   * @param {object | Blob} value
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async put(path, value, signal) {
    return (await this.fetch("PUT", path, value, signal)).json();
  }

  /** @param {string} path @returns {Promise<any>} */
  async remove(path) {
    return (await this.fetch("DELETE", path)).json();
  }

  /**
   * The bytes that a path or a request gives.
   *
   * @param {string} path
   * @param {object | Blob} [value]
   * @param {AbortSignal} [signal]
   */
  async blob(path, value, signal) {
    const method = value === undefined ? "GET" : "POST";
    return (await this.fetch(method, path, value, signal)).blob();
  }

  /**
   * Tells `heard` of every event of a stream until it ends; a refusal is thrown.
   *
   * @param {string} path
   * @param {(kind: string, values: any) => void} heard
   * @param {object} [value] sent by POST; without it the stream is asked for by GET
   * @param {AbortSignal} [signal]
   */
  async events(path, heard, value, signal) {
    const method = value === undefined ? "GET" : "POST";
    const response = await this.fetch(method, path, value, signal);
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value: piece } = await reader.read();
      if (done) return;
      rest += decoder.decode(piece, { stream: true });
      for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
        const [kind, values] = parsed(rest.slice(0, end));
        rest = rest.slice(end + 2);
        if (kind === "refused") throw refusalOf(values);
        if (kind) heard(kind, values);
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object | Blob} [value]
   * @param {AbortSignal} [signal]
   */
  async fetch(method, path, value, signal) {
    /** @type {Record<string, string>} */
    const headers = {
      Authorization: `Bearer ${this.token}`,
      "Accept-Language": language(),
    };
    /** @type {BodyInit | undefined} */
    let body;
    if (value instanceof Blob) {
      body = value;
      headers["Content-Type"] = "application/octet-stream";
    } else if (value !== undefined) {
      body = JSON.stringify(value);
      headers["Content-Type"] = "application/json";
    }
    let response;
    try {
      response = await fetch(path, { method, headers, body, signal, cache: "no-store" });
    } catch (error) {
      if (signal?.aborted) throw error;
      this.lost();
      throw new Refusal(t("The lab does not answer."), "lab-lost", 0);
    }
    this.found();
    if (response.ok) return response;
    throw await this.refusal(response);
  }

  /** @param {Response} response */
  async refusal(response) {
    if (response.status === 401) {
      this.dispatchEvent(new Event("stranger"));
      const text = t("The lab was started anew. Open it by the link that it printed.");
      return new Refusal(text, "lab-restarted", 401);
    }
    const { error } = await response.json().catch(() => ({ error: null }));
    const text = t("The lab refused a request ({status}).", { status: response.status });
    return new Refusal(error?.message ?? text, error?.code ?? "", response.status);
  }

  lost() {
    if (this.isLost) return;
    this.isLost = true;
    this.dispatchEvent(new Event("lost"));
  }

  found() {
    if (!this.isLost) return;
    this.isLost = false;
    this.dispatchEvent(new Event("found"));
  }
}

/** @param {{message: string, code: string, remedy?: Remedy | null}} values */
function refusalOf({ message, code, remedy }) {
  return new Refusal(message, code, 200, remedy);
}

/**
 * @param {string} text the lines of one event
 * @returns {[string, any]}
 */
function parsed(text) {
  let kind = "";
  let data = "null";
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) kind = line.slice(7);
    else if (line.startsWith("data: ")) data = line.slice(6);
  }
  return [kind, JSON.parse(data)];
}
