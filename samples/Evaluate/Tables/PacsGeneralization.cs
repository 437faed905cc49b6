using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Small networks on the ResNet-18 features of PACS (Li 2017), one domain left out.</summary>
internal static class PacsGeneralization
{
    private const int Sources = 2;
    private const int Inputs = 512;
    private const int ContextWidth = 64;

    /// <summary>Each of photographs, paintings and cartoons left out, every method as its recipe makes it.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = PacsFeatures.Reader(data);
        var tasks = PacsFeatures.Domains.Select(unseen => new EvaluationTask(
            $"to {PacsFeatures.Letter(unseen)}",
            _ =>
            {
                LabeledDomain[] seen = [.. PacsFeatures.Domains.Where(domain => domain != unseen).Select(read)];
                return new TaskData(seen[0], read(unseen)) { Sources = seen };
            }
        ));
        return new EvaluationTable(
            "pacs-generalization",
            "PACS, one domain left out, networks on ResNet-18 features",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512); the network is "
                + "trained on two domains and judged on the third, of which it sees no row (FitWithoutTarget). "
                + "Extractor: linear 512 to 256, ReLU, dropout 0.5; classifier: linear 256 to 7; critics: 256, 256, 2. "
                + "40 epochs of batches of 64 from each source, Adam at 0.001, the last epoch, three seeds. Every "
                + "method is its recipe with its defaults; nothing was chosen on these data. SWAD learns from four "
                + "fifths of each source, holds the others out and looks at them every 20 steps, so that a training "
                + "has 30 segments. ARM-CML's context network: linear 512 to 64, ReLU, linear 64 to 64; CrossGrad's "
                + "domain network: linear 512 to 256, ReLU, linear 256 to 2. MTL and ARM-CML read the unseen domain's "
                + "rows together. MixStyle, EFDMix and IBN-Net need layers over places and have none here.",
            Measure.Accuracy,
            [.. tasks],
            [
                Method("ERM", it => Recipes.Erm(it.Extractor, it.Predictor)),
                Method("IRM", it => Recipes.Irm(it.Extractor, it.Predictor)),
                Method("V-REx", it => Recipes.VRex(it.Extractor, it.Predictor)),
                Method("Group DRO", it => Recipes.GroupDro(it.Extractor, it.Predictor)),
                Method("CORAL", it => Recipes.SourceCoral(it.Extractor, it.Predictor)),
                Method("MMD", it => Recipes.SourceMmd(it.Extractor, it.Predictor)),
                Method("DANN", it => Recipes.SourceDann(it.Extractor, it.Predictor, Critic(it, it.Width))),
                Method(
                    "CDANN",
                    it => Recipes.SourceCdann(it.Extractor, it.Predictor, Critic(it, it.Width + it.Classes))
                ),
                Method("mixup between sources", it => Recipes.SourceMixup(it.Extractor, it.Predictor)),
                Method("SD", it => Recipes.SpectralDecoupling(it.Extractor, it.Predictor)),
                Method("RSC", it => Recipes.Rsc(it.Extractor, it.Predictor)),
                Method("Fishr", it => Recipes.Fishr(it.Extractor, it.Predictor)),
                Method("IB-ERM", it => Recipes.IbErm(it.Extractor, it.Predictor)),
                Method("IB-IRM", it => Recipes.IbIrm(it.Extractor, it.Predictor)),
                Method("SelfReg", it => Recipes.SelfReg(it.Extractor, it.Predictor, Projector(it))),
                Method("MLDG", it => Recipes.Mldg(it.Extractor, it.Predictor)),
                Method("Fish", it => Recipes.Fish(it.Extractor, it.Predictor, Sources)),
                Method("SagNet", it => Recipes.SagNet(it.Extractor, it.Predictor, it.NewPredictor())),
                Method("SWA", it => Recipes.Swa(it.Extractor, it.Predictor)),
                Averaged(),
                Method(
                    "MTL",
                    it => Recipes.Mtl(it.Extractor, new ModulePart(() => nn.Linear(2 * it.Width, it.Classes)))
                ),
                Method("ARM-CML", it => Recipes.ArmCml(Contextual(it), it.Predictor, Context())),
                Method("CrossGrad", it => Recipes.CrossGrad(it.Extractor, it.Predictor, DomainNetwork(it))),
            ]
        )
        {
            Seeds = 3,
        };
    }

    private static ModulePart Critic(Networks it, int width) =>
        new(() => nn.Sequential(nn.Linear(width, it.Width), nn.ReLU(), nn.Linear(it.Width, Sources)));

    private static ModulePart Projector(Networks it) =>
        new(() =>
            nn.Sequential(
                nn.Linear(it.Width, 2 * it.Width),
                nn.BatchNorm1d(2 * it.Width),
                nn.ReLU(),
                nn.Linear(2 * it.Width, 2 * it.Width),
                nn.BatchNorm1d(2 * it.Width),
                nn.ReLU(),
                nn.Linear(2 * it.Width, it.Width),
                nn.BatchNorm1d(it.Width)
            )
        );

    private static ModulePart Context() =>
        new(() => nn.Sequential(nn.Linear(Inputs, ContextWidth), nn.ReLU(), nn.Linear(ContextWidth, ContextWidth)));

    private static ModulePart Contextual(Networks it) =>
        new(() => nn.Sequential(nn.Linear(Inputs + ContextWidth, it.Width), nn.ReLU(), nn.Dropout(0.5)));

    private static ModulePart DomainNetwork(Networks it) =>
        new(() => nn.Sequential(nn.Linear(Inputs, it.Width), nn.ReLU(), nn.Linear(it.Width, Sources)));

    private static EvaluationMethod Averaged() =>
        new(
            "SWAD",
            (data, options, stop) =>
            {
                var it = PacsFeatures.NewNetworks(options.Seed);
                var parts = data.Sources.Select(source => source.Split(source.Count / 5, (int)options.Seed)).ToList();
                return Recipes
                    .Swad(it.Extractor, it.Predictor, [.. parts.Select(part => part.Few)], every: 20)
                    .FitWithoutTarget(
                        [.. parts.Select(part => part.Others)],
                        PacsFeatures.Trained(options, epochs: 40),
                        null,
                        stop
                    );
            }
        );

    private static EvaluationMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        PacsFeatures.Method(
            name,
            chain,
            (built, data, options, stop) => built.FitWithoutTarget(data.Sources, options, null, stop)
        );
}
