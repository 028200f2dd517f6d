import { render } from "solid-js/web";
import { Entrance } from "./app/entrance.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/fonts.css";

const root = document.getElementById("app");
if (root) render(() => <Entrance />, root);
