namespace TorchSharp;

public static partial class torch
{
    public static unsafe class autograd
    {
        /// <summary>
        /// The gradients of the sum of outputs (weighted by <paramref name="grad_outputs"/>) with respect to the inputs. As
        /// in TorchSharp, <paramref name="create_graph"/> alone does not keep the graph: pass
        /// <paramref name="retain_graph"/> too.
        /// </summary>
        public static IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor> grad_outputs = null!,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false
        )
        {
            var results = new IntPtr[inputs.Count];
            var ends = Handles(outputs);
            var starts = Handles(inputs);
            var weights = Handles(grad_outputs);
            fixed (
                IntPtr* first = results,
                    end = ends,
                    start = starts,
                    weight = weights
            )
                Native.Check(
                    Native.bridge_gradients(
                        end,
                        ends.Length,
                        start,
                        starts.Length,
                        weight,
                        weights.Length,
                        retain_graph,
                        create_graph,
                        allow_unused,
                        first
                    )
                );
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, Tensor.Own);
        }

        /// <summary>Adds the gradients of the tensors to the <see cref="Tensor.grad"/> of the leaves.</summary>
        public static void backward(
            IList<Tensor> tensors,
            IList<Tensor> grad_tensors = null!,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor> inputs = null!
        )
        {
            var ends = Handles(tensors);
            var weights = Handles(grad_tensors);
            var starts = Handles(inputs);
            fixed (
                IntPtr* end = ends,
                    weight = weights,
                    start = starts
            )
                Native.Check(
                    Native.bridge_backward(
                        end,
                        ends.Length,
                        weight,
                        weights.Length,
                        retain_graph ?? create_graph,
                        create_graph,
                        start,
                        starts.Length
                    )
                );
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor> grad_tensors = null!,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor> inputs = null!
        ) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor,
            Tensor grad_tensor,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor> inputs = null!
        ) => backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>Until it is disposed, the first backward pass that meets a NaN says where it was made.</summary>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        private static IntPtr[] Handles(IList<Tensor>? tensors)
        {
            var handles = new IntPtr[tensors?.Count ?? 0];
            for (var i = 0; i < handles.Length; i++)
                handles[i] = tensors![i]?.Handle ?? IntPtr.Zero;
            return handles;
        }
    }
}
