using Evaluate.Measuring;

namespace Evaluate.Tables;

/// <summary>
/// Small networks on the ResNet-18 features of PACS (Li 2017): deep adaptation that a processor can afford.
/// </summary>
internal static class PacsNetworks
{
    /// <summary>All six pairs of photographs, paintings and cartoons, every method as its recipe makes it.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = PacsFeatures.Reader(data);
        return new EvaluationTable(
            "pacs-networks",
            "PACS, networks on ResNet-18 features",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512). Extractor: "
                + "linear 512 to 256, ReLU, dropout 0.5; classifier: linear 256 to 7; critics: 256, 256, 1. 40 epochs "
                + "of batches of 64, Adam at 0.001, the last epoch, three seeds. Every method is its recipe with its "
                + "defaults; nothing was chosen on these data. Views of rows are the recipes' weak and strong views of "
                + "features. All target rows are seen without labels and judged (transductive). The compositions put "
                + "together recipes that stand above them, with their weights. Times are of one thread while other "
                + "programs ran, and compare roughly.",
            Measure.Accuracy,
            PacsFeatures.Pairs(read),
            [
                .. NetworkMethods.Rows(
                    (_, seed) => PacsFeatures.NewNetworks(seed),
                    it => PacsFeatures.Trained(it, epochs: 40)
                ),
            ]
        )
        {
            Seeds = 3,
            Baseline = "source only",
        };
    }
}
