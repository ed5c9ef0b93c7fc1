// Types of uplot.js. Not served.
export { default } from 'uplot'
