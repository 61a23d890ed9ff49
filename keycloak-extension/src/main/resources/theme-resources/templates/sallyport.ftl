<#-- The frame of all our pages. A page needs no script; the style sheet comes from the same origin. -->

<#-- One message with one value of somebody else in it: the value never becomes part of the message. -->
<#macro say key value class="">
<#local parts = msg(key, "\x2063")?split("\x2063")>
${parts[0]}<bdi<#if class?has_content> class="${class}"</#if>>${value}</bdi>${parts[1]!""}<#t>
</#macro>

<#macro icon name>
<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false"><#nested></svg><#t>
</#macro>

<#macro frame title>
<!DOCTYPE html>
<html lang="${lang!'en'}"<#if (darkMode!true) == false> class="only-light"</#if>>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="<#if (darkMode!true) == false>light<#else>light dark</#if>">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${url.resourcesPath}/img/favicon.ico">
<link rel="stylesheet" href="${url.resourcesPath}/css/sallyport.css">
</head>
<body>
<div class="sheet">
<header class="brand"><span class="brand-name"><bdi>${realm.displayName!realm.name}</bdi></span></header>
<main class="card">
<#nested>
</main>
<#if locale?? && (locale.supported?size > 1)>
<nav class="languages" aria-label="${msg("sallyportLanguage")}">
<#list locale.supported as language><#if language.languageTag == locale.currentLanguageTag><span lang="${language.languageTag}" aria-current="true">${language.label}</span><#else><a href="${language.url}" lang="${language.languageTag}" hreflang="${language.languageTag}">${language.label}</a></#if></#list>
</nav>
</#if>
</div>
</body>
</html>
</#macro>
