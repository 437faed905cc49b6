using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator CosineSimilarityOp = new("aten::cosine_similarity");
            private static readonly Operator PairwiseDistanceOp = new("aten::pairwise_distance");
            private static readonly Operator OneHotOp = new("aten::one_hot");

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08) =>
                CosineSimilarityOp.Invoke(x1, x2, dim, eps);

            public static Tensor pairwise_distance(
                Tensor input1,
                Tensor input2,
                double p = 2,
                double eps = 1E-06,
                bool keepdim = false
            ) => PairwiseDistanceOp.Invoke(input1, input2, p, eps, keepdim);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => OneHotOp.Invoke(x, num_classes);
        }
    }
}
