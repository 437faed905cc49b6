using TransferLearning.Tests.Parity;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.ZeroShot;

/// <summary>DAP, IAP, ESZSL, ConSE and the measures of generalized zero-shot learning.</summary>
public sealed class ZeroShotParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["dap", "iap", "eszsl", "conse", "gzsl_metrics"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "dap" => Direct(inputs),
            "iap" => new ParityResult().With(
                "attribute_probabilities",
                IndirectAttributePrediction.AttributeProbabilities(
                    inputs["seen_probabilities"],
                    inputs["seen_class_attributes"].to(float64)
                )
            ),
            "eszsl" => Bilinear(inputs),
            "conse" => Combined(inputs),
            _ => Measured(inputs),
        };

    private static ParityResult Direct(ParityInputs inputs)
    {
        var priors = DirectAttributePrediction.Priors(inputs["seen_class_attributes"].to(float64));
        var scores = DirectAttributePrediction.Scores(
            inputs["attribute_probabilities"],
            inputs["unseen_class_attributes"].to(float64),
            priors
        );
        return new ParityResult()
            .With("attribute_priors", priors)
            .With("log_scores", scores)
            .With("prediction", scores.argmax(1));
    }

    // The peer's columns are samples and classes, and its targets 0 and 1.
    private static ParityResult Bilinear(ParityInputs inputs)
    {
        var (rows, signatures) = (inputs["features"].t(), inputs["seen_signatures"].t());
        var targets = nn.functional.one_hot(inputs["labels"], signatures.shape[0]).to(float64);
        var w = EmbarrassinglySimpleZeroShot.Solve(
            rows,
            targets,
            signatures,
            inputs.Number("gamma_feature_ridge"),
            inputs.Number("lambda_attribute_ridge")
        );
        var scores = inputs["unseen_features"].t().matmul(w).matmul(inputs["unseen_signatures"]);
        return new ParityResult()
            .With("W", w)
            .With("unseen_scores", scores)
            .With("unseen_predictions", scores.argmax(1))
            .Declines("unseen_accuracy", "the case holds no labels of the unseen rows; the predictions are compared");
    }

    private static ParityResult Combined(ParityInputs inputs)
    {
        var points = ConvexSemanticCombination.Embed(
            inputs["seen_probabilities"],
            inputs["seen_embeddings"],
            inputs.Integer("T")
        );
        var cosines = ConvexSemanticCombination.Cosines(points, inputs["unseen_embeddings"]);
        return new ParityResult()
            .With("embedding", points)
            .With("cosine", cosines)
            .With("prediction", cosines.argmax(1));
    }

    private static ParityResult Measured(ParityInputs inputs)
    {
        var (known, others) = (inputs.Integer("seen_classes"), inputs.Integer("unseen_classes"));
        var seen = arange(known + others, dtype: int64).lt(known);
        var accuracy = GeneralizedAccuracy.Of(inputs["predictions"], inputs["labels"], seen);
        return new ParityResult()
            .With("seen_mean_class_accuracy", accuracy.Seen)
            .With("unseen_mean_class_accuracy", accuracy.Unseen)
            .With("harmonic_mean", accuracy.HarmonicMean);
    }
}
