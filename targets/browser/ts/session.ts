/** Sessions: conversations that outlive a restart. */
import type { Connection } from "./connection.js";
import type { Head, NewMessage, Receipt } from "./protocol.js";
import { recorded } from "./trace.js";
import type {
  Json,
  Message,
  MessageRole,
  ReadOptions,
  Recorded,
  SessionDocument,
  SessionLine,
  SessionOptions,
  SessionStatus,
} from "./types.js";

/** Begins a session; it is durable when this resolves. */
export async function beginSession(connection: Connection, options: SessionOptions): Promise<Session> {
  const now = new Date().toISOString();
  const { title = "Untitled" } = options;
  const id = crypto.randomUUID();
  const head = { ...options, title, id, status: "active" as const, createdAt: now, updatedAt: now };
  recorded(id, await connection.ask<Receipt>({ op: "head", head: { ...head, time: Date.parse(now) } }));
  return new Session(connection, head);
}

/** A session. Other tabs may add to it at the same time. */
export class Session {
  readonly #connection: Connection;
  #head: SessionLine;

  /** @internal */
  constructor(connection: Connection, head: SessionLine) {
    this.#connection = connection;
    this.#head = head;
  }

  /** The session's id. */
  get id(): string {
    return this.#head.id;
  }

  /** What it is about. */
  get title(): string {
    return this.#head.title;
  }

  /** Where it stands. */
  get status(): SessionStatus {
    return this.#head.status;
  }

  /** Adds a message; it is durable when this resolves. */
  async send(role: MessageRole, content: string, metadata?: Json): Promise<Recorded> {
    const now = new Date();
    const message: NewMessage = {
      sessionId: this.id,
      id: crypto.randomUUID(),
      role,
      content,
      timestamp: now.toISOString(),
      metadata,
      time: now.getTime(),
    };
    return recorded(message.id, await this.#connection.ask<Receipt>({ op: "message", message }));
  }

  /** What was said so far; tokens stand where a policy masked something. */
  async messages({ reveal = false }: ReadOptions = {}): Promise<Message[]> {
    const document = await this.#connection.ask<SessionDocument>({ op: "session", id: this.id, reveal });
    return document.messages;
  }

  /** Changes the title or the status. */
  async update(change: { title?: string; status?: SessionStatus }): Promise<void> {
    const now = new Date();
    const { title, status } = change;
    const head: Head = { id: this.id, title, status, updatedAt: now.toISOString(), time: now.getTime() };
    recorded(this.id, await this.#connection.ask<Receipt>({ op: "head", head }));
    this.#head = { ...this.#head, ...change, updatedAt: head.updatedAt };
  }
}
