"""Given names in Latin script: the longer lists, beside those of `given_names`.

Lower case, ё written as е; names that are family names too, or borne by men and women, are left out. What is missing
goes to `given_names`, not here.

Source: the lists of given names (English, German, Polish, Azerbaijani) in Faker 40.54,
copyright (c) 2012 Daniele Faraglia, and mimesis 22.2, copyright (c) 2016-present Isaak Uchakaev, both under the MIT
licence, whose text stands in docs/notices.md.
"""

from __future__ import annotations

MALE = """
abbas abdulla abe abel abram achim adalberto adan adelbert adelfried adelino adelrico adil adolf adolfo adolph agaton
agustin ahren aken akif albern alberto alden alder aldo alec alejandro alek aleksander aleksy alfonso alfonzo alfredo
alger alois alojzy alonso alonzo alphons alphonse alphonso alton alva alvaro alvin alwin alı amadeusz amado ambrose
ambroży amos anastazy anatol andrzej andy anibal ansgar antione antoine antone antoni antoniusz antony antwan
apoloniusz araz archie arden arek arendt arif arlen arlie armand armando armin armond arndt arne arnoldo arnulfo aron
arron art artur arturo arvin asa asif aslan aubrey august augustine augustus augustyn aurelio aurick axel azər
ağasəlim ağaxan babək barend barney bart bartek bartosz bartłomiej basil bastian bazyli beau benedict benedikt
benedykt beniamin benito bennie benno benny benz bergen bernardo bernd bert bertram bethold billie billy blaine bobbie
bobby bodo bogdan boguchwał bogumił bogusław bolesław bonifacy boyce bożydar bożysław bradly brain branden brendan
brendon brent brenton bret brice broderick bronisław brunon bryce bryon bud buddy buford burl buster byron błażej
bəhram bəkir cahangir caleb carlo carlton carmelo carmine carrol cary cavid cecil cedric cedrick celestyn cesar
cezariusz cezary chad chadwick chance charley chas chauncey chester chet chong christof christoper chuck clair claud
claudio claus clement clemente cleo cletus cliff clifton clint clinton collin colton columbus connor cordell corey
cornelius cornell cory coy cristian cristobal cristopher curt cyprian cyril cyrus czarek czesław cəfər cəlal cəmil
dadaş dagobert damian damien damion damon dane danial danilo danny dante darek darell daren darin dario darius dariusz
daromir daron darrel darrell darren darrick darrin darron darryl darwin darzybór davud dawid deandre deangelo dee del
delbert delmar delmer demarcus denis denver derick deshawn desmond devin devon dewayne dewey dewitt dexter dick
diedrich dierk dieterich dino dionizy dirk dobiesław domenic domingo dominick dominik donn donnell donnie donny donte
douglass duane dwain dwight dylan earle earnest eberhard eddie eddy edgardo edison edmond edmundo edwardo efrain efren
egbert eike eilhard ekkehard elbert eldar elden eldon eldridge eldwin eli elias elijah eliseo elisha ellard ellsworth
elmar elmo elnur eloy elroy elton elvin elvis elwood elxan elçin elşən emanuel emerich emery emil emile emilian emilio
emmanuel emmerich emmett emmitt emory enoch enrique erasmo erhard erich erick erik ernesto ernie ernst errol ervin
erwin eryk esteban etibar eugen eugenio eusebio eustachy everette ewald eyvaz ezekiel ezequiel ezra fabian faiq fariz
faustino fausto federico feliks felipe felton ferdinand ferdynand fermin fidel filiberto filip florencio florentino
florian forest forrest francesco franciszek frankie franklyn franz freddie freddy frederic fredric fredrick fredrik
friedemann friedhold fryderyk fuad fərid fəxrəddin gabryjel gale galen garfield garland garret garry garth gaston
gaweł gayle gaylord gebhard geert genaro gene georg geraldo gerardo gerd german germar gernot gerry gert gerwazy
gienek gil gilberto gino giselher giuseppe glen gniewko gniewomir gonzalo gottfried grady graig granville gregg
gregorio griswold gromosław grover grzegorz guadalupe guido gus gustavo gwidon götz hacı hafiz hai hal hank hansel
harald harbin harlan harland harley hartwin hassan haywood heiner heini heino heinz hektor heller hellmuth helmar
helmut helmuth henryk herb heriberto hershel herwig hieronim hikmət hilario hilary hilton hipolit hipolito hiram
hobert holger homer hong honorat horace horacio horacy horst hosea hoyt hubert huey hugon humberto hung hyman hüseyn
ignacio ignacy ike imre ingo ira irek ireneusz irvin irving isaiah isaias isiah isidro ismael israel isreal issac
ivory iwan iwo iwon izrael jacek jacenty jacinto jacques jake jakub jamaal jamal jamar jamel jamison jan janek janusz
jared jarek jarod jaromir jaromił jarosław jarred jarrett jarrod jasper javier jayson jed jefferey jeffery jeffry
jerald jeramy jere jeremi jeremiah jeremiasz jermaine jerold jeromy jerrell jerrod jerrold jerzy jessie jewel jewell
jimmie joaquin joesph joey johannes johnathan johnathon johnie johnnie jonah jonas jonasz jonathon jordon josef josh
josiah jospeh jost josue judson jules julius juliusz junior jupp jurek józef jörg jürgen jędrek jędrzej kacper kajetan
kamil kamran kareem karlheinz karol karsten kasey kaspar kasper kazimierz kazım keenan kelvin ken kendall kendrick
keneth kennith kenny kenton kermit keven kieth kip klaudiusz kleofas konrad konstanty korey kornel korneliusz kory
kostek kraig kris kristofer kristopher kryspian krystian krzesimir krzysztof ksawery kurtis lacy ladislaus lamar
lamont lando landon lanny lavern laverne lawerence lazaro leandro lech leif leigh leland lemuel len lenard lenny
leokadiusz leonardo leoncjusz leonel leopold leopoldo les leszek lesław leuther levi levin lew lincoln lino linwood
lionel lon longin lonnie lonny loren lorentz lorenzo loring lothar lowell loyd lubomir luciano lucien lucio lucius
lucjan lucjusz ludwik luger luigi lukas lupe luther lyle lyman lyndon lynwood lütold mac maciej maciek mahir mahmud
major maks maksymilian malcolm malcom malik malte manfred maniek mansur manual marcel marcelino marcellus marcelo
marcin marcos marek margarito marian mariano marius mariusz marlon marquis marty marvin mateusz matthias mauricio
mauro maximilian maximo maximus mckinley medard medwin mehdi meinrad mel melchior merlin mervin michale michał mickey
mieczysław mieszko mikel mikołaj milan milford millard milo milton miquel mirco mirek mirko miron mirosław mitch
mitchel miłosz modesto moises monte monty moritz mose moshe murad musa myles myron namiq napoleon natan nathanael
nathanial nazim ned nestor neville nickolas nicolaus nivaldo nizami noe norbert norberto normand nəsib octavio odell
odis odo olaf olek olen olgierd olin oliwier ollie omer oren orlando orval orville orxan oskar osman osvaldo oswaldo
othmar otis ottomar pankracy pasquale patryk paweł pelagiusz percy pete phil philipp piotr porfirio przemek przemysław
pərviz quentin quincy quintin quinton radek radomir radomił radosław radziwił rafał rainer rajmund raleigh ramin
ramiro randal randell randy raphael rashad rasim rauf raul rayford raymon raymundo reggie reginald reinaldo reinhard
reinhold remigiusz renaldo renato reuben rex rey reynaldo rhett richie rickey ricky rico rigoberto rob robbie robby
robt rocco rocky rod roderick rodger rodolfo rodrick rodrigo rogelio rolando rolf rolland rollin rolly roly romeo
romuald ronnie ronny roosevelt roscoe rosendo royal ruben rubin rudi rudolph rueben rufus rupert russ russel rusty
rysiek ryszard rza rəhim rəşad sabir sahil sakit sal salvador salvatore samir sammie samual sander santo saul scot
scotty sergio severin seweryn seymour seymur shad sheldon sherwood shon sid siegfried sigismund sigmond sigmund silas
sobiesław sonny stan stanford stanisław stephan sterling sven sylvester sylwester szczepan szymon sędzimir sławek
sławomir səlim səməd tad tadeusz tahir teddy telesfor teodor teodoro teofil terrance terrence teymur thad thaddeus
theobold theron thurman timmy timo titus tobiasz toby tod tofiq tomas tomasz tomek tommie tommy toney toğrul trent
trenton trey trinidad truman tuan tymon tymoteusz tyree tyrell tyron tyrone tytus tələt udo ugo ulbrecht ulrich ulrik
ulysses utto uwe vahid valeh van vaqif vasif vern vicente vidadi vince vincenzo virgilio vito von vonn wacław waldek
waldemar waldo wally wawrzyn waylon weldon wendell wenzel wernher wes weston wiesław wiktor wilber wilbert wilbur
wilburn wilford wilfredo wilhelm will willard willian willie willy wilmer wilton wincent wincenty winford winfred
winfried winston witek witold wojciech wojtek wolfgang woodrow wulf wyszomir włodzimierz xanten xavier yaqub yasin
yavər yohann yong yusif zachariah zachery zack zackary zak zane zaur zbigniew zbyszek zbyszko zdzisław zelig zellmer
zenek zenobiusz zenon ziemowit ziggy ziya zygfryd zygmund zülfüqar łucjan łukasz şahin şamil
"""
FEMALE = """
adah adalgisa adalia adaline adela adelajda adelgunde adelheid adelina adelle adena adi adie adolfina adolfine adria
adriana adrianna adrien adriene adrienne afaq afrodyta afton aga agata agatha agneta agnieszka agnus agripina agueda
aida aide aiko ailene aimee aja akiko akilah ala alaine alane alayna alberta albertina albertine albina aldona alease
aleen aleida aleisha alejandra alejandrina aleksa aleksandra aleshia alessandra alethea alethia alexa alexandria
alfreda alfredia alia alica alicja aline alisa alise alisha alishia alisia alita alix aliza alleen allegra allena
alline allyn alma almaz almeta alona altha alvera alverta alwina alwine alysa alyse alysha alyssa amal amalia amalie
amara amberly ambrozja amee amelie amiee amina amira ammie analiese analisa analise anamaria anastacia anastazja
andera andree andżela andżelika aneta anette angele angelena angeles angelic angelica angelika angelyn angie angila
angla angle aniela anika anisa anisha anja anjanette anjelica anke annabell annalee annalisa annalise annamae
annamaria annegret anneli annelie annelies anneliese annelise annelle annemarie annett anni annice annika annina annis
annita anny antje antonetta antonietta antonina anya apolonia apryl aqşin ara arabelle aracelis arcelia ardath ardelia
ardell ardella ardelle argelia argentina ariadna ariana ariane arianna arianne arica arie ariela arla arlean arlena
arleta arletha arletta arlette arlinda arlyne armanda armandina arminda arnelle arnetta arnette arnita arvilla arzu
ashanti ashlea ashlee ashli ashlyn asley assunta astrid asuncion audie audrea audria audrie augusta auguste augustina
augustyna aundrea aurelia aurore autumn ava avelina avril aya ayako ayan ayana ayanna aybəniz ayesha aygün aytən
azalee azucena azzie babara babette bahar balbina bao barabara barbar barbera barbie bari barrie basia basilia beata
beate beatris beatrix beaulah bebe becki beckie becky bee begonia bela belia belkis benedykta berenice berit berna
bernadeta bernadetta bernadette bernadine bernarda bernardina bernardine berneice bernetta berta bertha bethanie
bethann bethany bethel betsey bettina bettyann beula bev beverlee bianca bianka bibi billi billye birgit blanka
blondell blossom blythe bobbye bobette bogna boguchwała bogumiła bogusława bok bolesława bona bong bożena bożenka
bożenna branda brande brandi brandy breana breann breanna bree briana brianna brigid brigida brigitte brinda britany
britni britta brittaney brittanie brittany britteny brittney brittni brittny bronisława bronwyn brooke bruna brunhild
brunhilde brunilda bryanna brygida brynn brünhild brünhilde buena buffy bula bulah bunny burma bärbel bəhicə caitlin
caitlyn calandra calista camelia camellia camie camila cammie cammy candace candice candie candra candyce caprice
caren carie carina carisa carita carlee carlena carletta carley carli carlie carline carlita carly carlyn carmelia
carmelina carmina carmon carola carolin caroll carolyne carolynn caron caroyln carrie carry carylon casie casimira
cassaundra cassey cassi cassidy cassie cassondra cassy catarina caterina catharina catherin catherina cathern catheryn
cathey cathrin catrice catrin cayla cecila cecilie cecille cecylia celena celesta celestina celestyna celina celinda
celine celsa ceola cezaria chae chanell chanelle chantay chante chantell chara charis charise charita charlena
charlene charlesetta charlott charlsie charlyn charmain chasidy chassidy chau chaya chelsea chelsey cher chere cheree
cherelle cherilyn cherish cherlyn cherryl chery cheryll cheyenne chia chiara chieko chin china ching chloe chloris
christa christeen christel christena christene christia christiane christie christinia christy chu chun cicely ciera
cinderella cindie cira claretha claretta claribel clarinda clarine claris clarisa clarita classie claudie clelia
clemencia clementina clemmie cleopatra cleora cleotilde clora clorinda clotilde codi colene coletta collen collene
conception concha conchita constanze consuela contessa coralee coralie corazon cordia cordie cordula coreen coretta
corie corina corinna corliss cornelia corrin corrinne creola cris criselda crissy crista cristen cristie cristin
cristina crysta crystal crystle cuc cyndy cyrstal cythia czesława cäcilia cäcilie cəmilə dacia dagmara dagna dagny
dahlia daina daine daisey dalene dalia dalila damla danae dani dania daniela daniele daniell danika danille danisława
danka dann dannette dannielle danusia danuta danyel danyell danyelle daphine darby darcel darcey darlena darlene dawn
dawne dayle daysi deadra deandra deandrea deane deanna debbi debbie debbra debera debroah dede deeann deeanna deedee
deedra deetta deja delaine delana delcie delena delia delicia delila delinda delisa dell delmy deloise delora deloras
delorse delpha delsie delta demetrice denae denese denisha denisse denita dennise denyse deonna desirae desire desiree
desirée despina destiny detra devona devora devorah dia diamond diedra diedre dierdre dietlind dietlinde digna dilbər
dimple dinorah dione dioniza dionna divina dobiesława dobrawa dodie doloris domenica dominica dominque domitila
domonique donata donella donetta donette donnetta donnette donya dora dorathy doreatha dorethea doretta doria dorie
dorine dorla dorota dorotha dorothea dorthey dot dotty dreama drema drucilla drusilla dulcie dung dusti dwana dyan
désirée dəniz earlean earleen earlie ebba ebonie ebony echo edda edelmira edelweiss edra edris edwina edyta edyth
ehtel eilene ela eladia elane elanor elayne eleanora elease elene eleni elenora elenore eleonor eleonora eleonore
elfreda elfrieda elfriede elga eliana elicia elidia elin elina elinore elisa elise eliz eliza elizabet elizbeth elke
ellamae ellan ellena elli elly ellyn elma elmira elnarə elodia elois elsbeth else elsy elvie elvina elvira elwanda
elwira elza elżbieta ema emanuela emelda emelia emelina emeline emely emerald emerita emiko emila emilee emilia emilie
emmaline emmeline emmi emmie emmy enda eneida enola epifania erdmute erika erinn erlene erline ermelinda erminia erna
ernesta ernestine eryka eryn esta estefana estell ester estera etha ethelene ethyl etsuko ettie eufemia eugena eugenia
eugenie eulah euna eura eusebia eustolia evelin evelina eveline evelyne evelynn evia evita ewa ewelina exie fabiana
fae fairy faith fallon fanny farah fatima fatimah faustina faustyna faviola felda felicia felicidad felicitas felicja
felicjana felisa felizia felizitas fermina fernanda fernande fidela fidelia filipina finja finnja fiona firuzə flavia
flawia fleta flo flora florance florencia florentina florentine floretta floria florinda florrie france francene
franchesca francie francina franciszka francoise fransisca franziska frauke fredda frederica fredericka frederika
fredia fredricka freeda freya frida fridegunde frieda friedegund friedegunde friederike fritzi fryderyka fumiko gabi
gabriele gabriella gabrielle gaja gala galiana garnett gaylene gaynelle gearldine gema genesis genevie genevieve
genevive genia genie genna gennie genny genowefa georgann georgeann georgeanna georgene georgetta georgiann georgianne
georgine gerda gertha gertrud gertruda gertrudis gertude gesine ghislaine gia gianna gidget gienia gigi gilberte gilma
ginette gisa gisela giselle gita giuseppina glady glayds glendora glennie glennis glinda glynda glynis gracia gracja
grayce grazyna grażyna gretchen grete gretel grethe gretta gricelda grisel grzymisława gudrun gunda gundula gustawa
gwenda gwendolyn gwenn gwyn gwyneth gülüstan gülşən günay günel hae hailey halina halka halley han hana hang hanh
hania hanka hanne hannelore harmony hassie hayley hedwig hedy hee heide heidemarie heidy heike helaine helene helga
hella helmina helmine henny henrieta henrietta henriette henryka herma hermenegilda hermila hermina hermine herta
hertha hiacynta hiedi hien hilaria hilde hildegard hildegarda hildegarde hildred hilma hipolita hiroko hisako holley
honey honorata hortensja hsiu huberta hue hulda huong hwa hyacinth hye hyo hyon hyun həcər idalia idell idonia idzia
iesha iga ignacia ignacja ilana ilda ildefonsa ileen iliana illa ilona ilsa ilse iluminada ilza ima imelda imke imma
indira inell ines inge ingeborg ingeburg inger inocencia iraida irena irish irka irma irmela irmelin irmgard iryda isa
isabell isabelle isadora isaura isela ishild isidra isis isobel isold isolde ivana ivelisse ivey ivonette ivonne iwa
iwona iwonka iza izabela izetta izola izolda jacelyn jacinda jackeline jackelyn jacki jackqueline jaclyn jacqualine
jacquelyne jacquelynn jacquetta jacqui jacquie jacquiline jacqulyn jade jadwiga jagienka jagna jagoda jaimee jaleesa
jalisa jama jamee jamika jana janae janay janean janee janella janene janessa janeth janett janetta jani janiece
janina janine janise janita jann jannet jannike january janyce jaqueline jaquelyn jasmin jasmine jaye jaymie jayna
jazmine jaśmina jeanelle jeanene jeanett jeanette jeanice jeanmarie jeannetta jeffie jen jenae jene jenee jenell
jenette jeneva jeni jenice jenine jenise jenna jennefer jennell jennine jerica jerlene jerrica jesenia jessenia jessi
jessia jessika jestine jesusa jesusita jetta jillian jin jina jinny joana joane joann joannie joaquina jocelyn jodee
jodi joeann joella joette johana johanna johanne johna johnette johnsie joi joie jola jolanda jolanta jolie joline
jolyn jona jone jonell jonelle jong jonie josefine joselyn joslyn josphine jovan jowita joy joya joye judyta jula jule
julee julene juliane julianna julieann julienne julietta julita junie junita junko justa justyna justynka jutta jutte
józefa józefina kaci kacie kacy kai kaila kaitlin kaitlyn kaja kaleigh kaley kali kalina kallie kalyn kam kamala
kamila kamilah kandace kandis kandra kanesha kanisha kara kareen karena karey kari karima karin karina karine karisa
karla karleen karly karlyn karma karmen karola karole karolin karolina karoline karren karry kary karyl kasandra kasha
kasi kasia kasie kasimira kassie katarine katarzyna katelin katelyn katelynn katerine kathaleen katharina katharyn
kathe katheleen katherin katherina kathern kathey kathline kathrin kathyrn kati katia katinka katja katlyn katrice
katrin kattie kayce kaycee kayla kaylee kayleen kayleigh kaylene kazimiera kazuko keeley keena keesha keiko keila
keira keitha keli kelle kellee kelli kellie kellye kelsey kelsi kelsie kemberly kena kenda kendal kendra kenia kenisha
kenyetta kera keren kerri kerstin keturah keva khadijah khalilah kiana kiara kiera kiersten kiesha kiley kimber
kimberli kimberlie kimberly kimbery kimbra kimi kimiko kina kindra kinga kirsten kirstie kit kittie kiyoko kizzie
kizzy klara klaudia klementyna klothilda konstancja konstanze kornelia kortney kourtney kriemhild kriemhilde krimhilde
krishna krissy krista kristeen kristel kristen kristi kristian kristie kristina kristine kristle kristy krysta krystal
krysten krystin krystina krystyna kum kunegunda kunigunde kurigunde kylie kym kymberly kyoko käte kätharina käthe
könül lacey lachelle laci lacresha ladawn lady lael lahoma laila laine lajuana lakeesha lakendra lakenya lakia
lakiesha lakita lala lamonica lanell lanelle lanie lanita lannie lanora laquanda larae laraine laree larhonda larissa
larita laronda larraine lasandra lashandra lashaun lashaunda lashawna lashawnda lashay lashell lashon lashunda lasonya
latarsha latasha latashia latesha latia laticia latina latoria latoya latoyia latrina latrisha launa lauralee lauran
laure laurena laurencja laurene laurice laurinda laurine lauryn lavelle lavenia lavera laverna laveta lavette lavinia
lavona lavone lavonia lavonna lawana lawanna layla layne lea leah lean leana leanora lecia leeanna leeanne leena leia
leida leigha leighann leisha lekisha lelah lene leni lenita lenka lenna leokadia leoma leona leonarda leoni leonia
leonida leonie leonila leonora leonore leontine leopolda lera lesha lesia letisha letty lexie leyla lezlie liane
lianne libbie liberty librada lidka lien lies liesa liese liesel lieselotte liesl ligia lila lili lilia liliana
lilianna lilka lilla lilli lillia lilliam lilliana lilly lilo lina lindsy ling linh linn linsey lisabeth lisandra
lisbeth liselotte lisha livia liwia lizeth lizzette loan loida loise loma londa loni lonna lora loralee lore lorean
loree loreen lorelei loreley loreta loretta lorette lori loria loriann lorilee lorina loris lorita lorriane lorrine
lory lotte lotti louanne louetta louisa loura lourie louvenia lovella lovetta loyce luana luann luanna luba luci lucie
lucilla lucina lucjana lucrecia lucyna ludie ludivina ludmiła ludwika luetta luisa luise luiza lulu lurlene lurline
lusia luvenia luzia lyla lyndia lynell lynelle lynetta lynna lynsey lətafət mabelle macie mackenzie macy madalene
madaline madalyn madde maddie madelaine madelene madie madison madlyn maegan mafalda magali magaly magan magaret magda
magdalen magdalena magdalene magen mahalia maia maida maile maira maire maisha maisie maja majka makayla makeda
maksyma malena malika malina malisa malka mallie mallory malorie malvina malwina malwine mammie mana manda mandie
mandy manie manuela many mao maple maragaret maragret marcela marcelene marcelina marceline marcell marcella marcene
marchelle mardell mareike marelda maren marg margareta margarete margarett margaretta margarite margart margene
margeret margert marget margherita margit margorie margret margrett marguerita margurite margy marhta mariah marianela
marianna marica maricruz mariel mariele mariella marielle marietta mariette mariko marilou marilu marin marinda marine
mariola maris marisa marisha marissa marivel marketta markita marlana marleen marlen marlena marleta marlies marline
marlis marna marni marquetta marquitta marth marthe martina martyna marvella marvis marx marya maryalice maryam
maryanna marybelle maryetta maryla maryland marylka maryln marylouise marylyn marylynn maryrose marysia marzanna
marzena marzenna masako matha mathilda mathilde matylda maud maurita maurycja maxima maximina maya maybell maye mayola
małgorzata meagan mechthild meda mee meg meggan meghan meghann meike mela melaine melani melania melany melda melia
melida melina melinda melissia melita mellie melodee melodi melody melusina melusine melynda mendy mercedez meredith
meri merideth meridith merilyn merissa merlene merlyn merna merri merrie merrilee mertie mette mia mica micha michaela
michaele michalina michele michelina micheline michiko micki mickie mieczysława miesha mignon miguelina mika mikaela
mikayla miki mikki mila milagro milda milena milla millie milly min mina minda mindy mine ming minna minta mira
mireille mirella mirjam mirka mirosława mirtha mischa misha miss mistie misty mitsue mitsuko mitzi mitzie miyoko mona
monet monika monnie monserrate moriah mozell mozella mui muoi myesha myrl myrle myrta myrtie myung mədinə mətanət
nadene nadine nadja nadzieja naida nakesha nakisha nakita nam nana nancee nancey nancie naoma narcisa natacha natascha
natasha natashia natasza nathalie natisha natosha nazlı necole neda neele neely neida nela nele nelia nelida nenita
neoma neomi nerissa nery neta nevada nga ngan ngoc nguyet nia nichelle nichol nichole nicholle nickie nickole nicol
nicola nicolasa nicolle nida niesha nika nikia nikola nikole nisha noberta nobuko noella noemi nohemi noma norah
norberta nordica noriko nubia nyla nərgiz obdulia oda odelia odetta odila odilia ofelia ola olene olevia oleńka
olimpia olinda oliva oliwia olympia omega oneida onie onita oralee oretha orlantha ortrun ossie otelia otthild ottila
ottilia ottilie ottoline otylia ozell ozella ozie paige palmira pam pamelia pamella pamila pamula pandora parthenia
particia pasty patience patria patrina patrizia patrycja patty paulene pauletta paulina paulita paz pearle pearlene
pearly peg pei penelopa penney penni penny pepin petra petrina petronila phebe philomena phung phylicia pia piedad
ping pinkie piper pok pola polonia porsche porsha priscila providencia przemysława przybysława pura pərvanə qiana
queenie quiana quianna quirina quyen rachael rachal rachela rachele rachell radomiła radosława raeann raelene rafaela
raffaela raguel rahel raina ramona ramonita rana ranae randa randee ranee raphaela rasheeda raven raye raylene
raymonde rayna rea reagan reanna reatha rebbeca rebbecca rebecka rebekah rebekka reda reena refugia regan regena
regenia regine reginia reiko reinhilde reita rema remedios remona renarda renata renate renay renda renetta renia
renna resi ressie retta reyhan reynalda rheba rhona rhonda ria ricarda richelle ricki rike rikki rima risa riva rivka
robbi robbyn robena robyn rochel rochell roderica roksana rolanda rolande roma romaine romana romelia romey romualda
romy roni ronja ronni rosalind rosamaria rosamond rosamund rosana rosann roselee roselia roseline roselle rosemarie
rosena rosenda rosette rosia rosio rossana rossie roswitha rosy roxy rozalia rozanne rozella rubi rubie rufina ruperta
rutha ruthanne ruthe ryann rózia róża różanna rəna sabina sabine sacha sachiko sadye sage salena salida salley salome
samara samella samira samuela sana sanda sandee sandie sanora santina sarai saran sari sarina sascha saskia saturnina
sau savanna savannah scarlet schwanhild season sebrina see seema selena selene selina selma sena senaida senta
september serafina seraphina seraphine serilda serina serita setsuko sevda sha shae shakia shakira shakita shala
shalanda shalon shan shanae shandi shandra shaneka shanel shanelle shani shanice shaniqua shanita shantae shantay
shantelle shanti shaquana shaquita sharan sharda sharee sharell sharen shari sharice sharie sharika sharilyn sharita
sharleen sharmaine sharolyn sharri sharyl shaunda shaunna shaunta shaunte shavon shavonda shavonne shawana shawanda
shawanna shawna shawnda shawnee shawnna shawnta shay sheba sheena sheilah shela shelba shelia shella shelley shelly
shemeka shemika shena shenika shenita shenna shera sherell sheri sherice sheridan sherika sherill sherilyn sherise
sherlene sherley sherly sherlyn sherrell sherri sherril shery sheryl sheryll shila shiloh shin shira shirely shirl
shirleen shizue shizuko shona shondra shonna shonta shoshana shu shyla sibylle sieghild sieglind sieglinde sierra sigi
siglind siglinde signe sigrid silke silvana sima simona simone simonne sina sindy sirena sissi siu sixta skye slyvia
sofie soila solange solmaz somer sona song sonja sonje sonya soo sook soraya sparkle spring stacee stacie stanisława
stasia stefania stefanie stefany steffanie stepanie stephane stephania stephnie stormy suanne sudie sue sueann suellen
suk sulema sumiko summer sunday sunni susann susanna susanne suse susi susy suzann suzi svenja swanhild swanhilda
swanhilde swenja sybille sylvie sylwia synthia syreeta sława sławomira tabea tabetha tabitha tai taina taisha tajuana
takako takisha talisha talitha tam tama tamala tamatha tambra tameika tamekia tamesha tami tamica tamie tamiko tamisha
tammara tammera tammie tammy tandra tandy taneka tanja tanna tarah taren tari tarra tasha tashia tashina tasia tatum
taunya tawna tawny tayna tegan teisha tekla telma temeka temika tempie temple tenesha tenisha tennie tennille teodezja
teodora teofila tequila tereasa teresia terica terina terisa terresa terri terrilyn tesha thalia thao theola theresia
theressa thersa thi thomasena thomasine thora thresa thu tianna tien tiera tiesha tifany tiffaney tiffiny tijuana
tilda tilli timika tinisha tiny tisa tish tobi tobie toccara toi tola tomi tomika tomiko tommye tomoko tona tonda
tonette toni tonie tonisha tonita tonya tora torie torri torrie toshia toshiko tova towanda tracee traci tracie trang
treasa treena tricia trinh trinity trudi trudie trudy trula tula tuyet twana twanda twanna tyesha tyisha tynisha
tünzalə uda ula uli ulli ulrika ulrike unna ursel urszula uschi usha uta ute utta vala valda valene valeri vallie
valrie vanda vanesa vanetta vania vanita vanna vannesa vannessa vashti vasiliki vella velma velvet vena venetta venice
vennie veola verdell verdie verena verlene verlie verline vernetta vernia verona veronika veronique versie vertie veta
vicki vickie victorina viki viktoria vincenza vinita vinnie violette virgen vivan viveka vivien vivienne voncile vreni
wacława wai walborg walburg walburga walda waldeburg waldi waldtraud waldtraut walpurga walpurgis waltraud waltraut
wan waneta wanetta wanja wava wei wen wendie wendolyn wenona wera weronika wibke wiebke wiesława wigburg wiktoria
wilda wilfreda wilhelmina wilhelmine wilhemina willena willene willetta willette willia williemae willodean willow
winifred winola wiola wioletta wonda wynell władysława xandi xandra xanthe xanthia xanthippe xatirə xavia xaviera xena
xenia xiao ximena xochitl xuan xədicə yaeko yael yahaira yajaira yan yanira yanka yasmin yasmine yasuko yee yen yer
yesenia yessenia yevette ying yoko yolande yolando yon yoshie youlanda yuette yuk yuki yukiko yuko yulanda yun yung
yuonne yuriko yvone zada zana zandra zbigniewa zdzisława zelda zelinda zella zelma zenia zenobia zenzi zetta zeynəb
zita zofia zonia zosia zulema zulma zuzanna zygfryda zyta zäzilia zäzilie züleyxa zərifə łucja şölə şəfa şəhla żaneta
əminə
"""
