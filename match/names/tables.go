package names

// How letters sound. A line's words are "letters=phonemes"; where letters are
// read in more than one way, the phonemes stand in order of likelihood. The
// phonemes:
//
//	a e i o u   vowels (@ one that may well be absent)
//	y w         glides
//	b p f v m n l r t d s z k g h
//	S Z C J     sh zh ch dj
//	X T D       ts th dh
//	x G q       kh gh and the deep k
//	'           a catch in the throat, mostly lost
//
// In Persian | is the joint of two parts (a zero-width non-joiner). aeoiu@ is an
// alef that carries what follows, or the article's, which some spellings lack.
//
// Two clusters with the same phonemes are one sound; a different order or a
// repeated phoneme makes another, where practice shows that they differ.

var alphabets = [scripts]*alphabet{
	Latin: readAlphabet('a', 'ʯ', `
		a=a e=e i=i o=o u=u å=oa ä=ea æ=ea ə=ea ı=ie ö,ø,œ=oeu ü=uiy
		ou,oo=uo eh>$=ea+h ee=ie ie=ie eau=oe iy,yi,ii=ii ij>bcdfgklmnprstvz$=ii es>$=@e+s ea=iea aw=a+uwv ow=o+uwv ew=e+uwv ay=a+iy ey=e+iy oy=o+iy
		y=yi ^y=yJ j=yJZxh ^j=JyZxh w=vwu
		b=b p=p f=f v=v ph=f m=m n=n l=l ł=lv r=r t=t d=d đ=dJ ð=Ddz þ=Tt
		s=sz ß=sz z=zsX sh,š,ş,ș,ś,ŝ,sch,shch,schtsch,szcz,sjtsj=S sz=Ss sj=Sss ž,ż,ź,zh,zs=Z zj=Zz
		c=kXJC c>eiyéèíìîëê=sXCkJ ck=k ch=CkxS ^mc=m+a+k ^mc>ckq=m+a ^kn=n ^wr=r
		č,ć,tch,tsch,tsh,tsj,ĉ=C cz=Ck cs=CS ç=sCX k=k q=qk qu=kk x=ksx
		kh=xk gh=Gg gh>tns$=hG ğ=Gg' ġ=Gg g=gG g>eiyéèí=gJZx gu>eiyéèí=gG gj=Jg gy=Jg dj,dzh,dsch,dž,dż,ĵ,xh=J dg>e=J dz=zXJ
		h=hh h>aeiouyáàâäåéèêëíìîïóòôöøúùûüıəāīū=h ts,tz,ț,ţ=X th=Tt dh=Ddz wh=w ñ=n+y
	`),
	Cyrillic: readAlphabet('а', 'ԯ', `
		а=a е=e э=e є=e ё=oe и=i і=i ї=ii ы=ie о=o оу=uo у=u ю=ywi+u я=ywi+a й,ј=yi ә=ea ө=ou ү,ұ=u ӣ=i ӯ=u
		б=b п=p в=vw ў=wvu ф=f м=m н,ң,њ=n л,љ=l р=r т=t д=d ђ=dJ с=sT з=zDs ж=Z ш=S щ=SC ч,ћ=C џ,ҷ=J ц=X ѕ=X
		к,ќ=k қ=qk г=ghJ ґ,ѓ=g ғ=G х=xh һ,ҳ=h ъ= ь= дж=J кх=xk гх=Gg дх=Ddz дз=zXJ тс=X кс=k+sT тш=C
	`),
	Arabic: readAlphabet('ء', 'ە', `
		ا,آ,أ,إ,ٱ=a و,ؤ,ۆ=wvuo ^و=wv ^ی,^ي=y ^ا,^أ,^إ,^آ=aeoiu ^ال=aeoiu@+l ^او,^أو=aeoiu@+wvuo ^اي,^أي,^إي,^ای=aeoiu@+yi ^اس>تکپلمنف=aeoiu@+s ^اش>تپلمنو=aeoiu@+S ی,ي,ى,ئ,ې,ێ,ے=yi یی,ئی,ئي,يي=yii ۀ,ە,ة,ه|=ha ه,ھ,ہ=h ع='aeou ء='
		ب=bpv پ=p ڤ=v ف=fvp م=m ن,ں=n ن>ب=nm ل,ڵ=l ر,ڕ,ڑ=r ت,ٹ=t ط=tt ث=sT د,ڈ=d ذ=Dzd ض=Ddz ظ=zD ز=z س=s ص=ss
		ش=S ژ=Z ج=JgZ چ=C ځ=zJ ڼ,ڻ=n ړ=r ښ=xS ږ=gZ ګ,ڳ=g ۍ=yi څ=XC ٻ=b ڏ=d ٽ=t ڪ=k تش=C دج=J دز=zXJ الله=a+l+a+ha تس=Xts ح=hh خ=xk ك,ڭ=kg ک=k گ=g غ=Ggx ق=qkg كس,کس=ks
	`),
	Hebrew: readAlphabet('א', '״', `
		א=Aa ו=Wvuo י=Yi יי=yii ה=ha ע='aeou וו=vw ב=bv פ,ף=pf מ,ם=m נ,ן=n ל=l ר=r ת=tT ט=t ת׳=T ד=d ד׳=D ס=s ז=z ש=Ss
		ז׳=Z ג׳=J ג=g צ,ץ=X צ׳,ץ׳=C ק=k כ,ך=kx ח=xh ח׳=xx קס=ks טש=C דז=zXJ ע׳=G
	`),
	Greek: readAlphabet(0x390, 'ώ', `
		α=a ε=e η=i ι=i υ=iy ο=o ω=o ου=u αι=ea ει,οι=i αυ=a+vfu ευ=e+vfu
		β=vb ^μπ=bmp μπ=m+bp π=p φ=f μ=m ν=n λ=l ρ=r τ=t ^ντ=dnt ντ=n+dt δ=Dd θ=Tt σ,ς=sS ζ=zZ τζ=JXC τσ,τς=XC κ=k γκ=gk γ=gyG γγ=n+g χ=xhk ξ=k+sS ψ=p+sS
	`),
	Indic: readAlphabet(0x900, 0x97F, `
		अ=a आ,ा=aa इ,ई,ि,ी=i उ,ऊ,ु,ू=u ए,ऐ,े,ै,ऍ,ॅ=e ओ,औ,ो,ौ,ऑ,ॉ=o ऋ,ृ=r+i
		क,क़=k ख,ख़=xk ग=g घ=Gg ग़=G ङ,ञ,ण,न,ं,ँ=n ंप=m+p ंब=m+bv ंफ=m+fp म्प=m+p च,छ=Cs ज=Jz झ=JZ ज़=z ट,त=t ठ,थ=tT ड,द=d ढ,ध=dD ड़=r
		प=p फ=fp फ़=f ब=bv भ=bv म=m य=yJ र=r ल,ळ=l व=vw श,ष=S स=sS ह=h
	`),
}
