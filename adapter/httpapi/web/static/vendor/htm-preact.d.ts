// Types of htm-preact.js, which is published without any. Not served.
import type { VNode } from 'preact'

export { Component, createContext, h, render } from 'preact'
export { useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
export type { ComponentChildren, VNode } from 'preact'

export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode
